// Dispatching policies.
