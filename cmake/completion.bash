# bash completion for vmcp. Commands, options and what options may be come from the program's own --help.

_vmcp_help() {
    vmcp "$@" --help 2>/dev/null
}

# Words of the section "Subcommands:".
_vmcp_commands() {
    _vmcp_help "$@" | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p;/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\)$/\1/p'
}

_vmcp() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} path=() i known values
    COMPREPLY=()
    # The commands that stand in front of the word: "image create", for instance.
    for ((i = 1; i < COMP_CWORD; ++i)); do
        known=" $(_vmcp_commands "${path[@]}" | tr '\n' ' ') "
        [[ ${COMP_WORDS[i]} == -* || $known != *" ${COMP_WORDS[i]} "* ]] || path+=("${COMP_WORDS[i]}")
    done
    if [[ $before == --* ]]; then
        # NAME:{one,two}: what the option before may be
        values=$(_vmcp_help "${path[@]}" | sed -n "s/^  \(-.,\)\{0,1\}$before [^ ]*{\([^}]*\)}.*/\2/p")
        if [[ -n $values ]]; then
            mapfile -t COMPREPLY < <(compgen -W "${values//,/ }" -- "$word")
            return
        fi
    fi
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_vmcp_help "${path[@]}" | grep -oE '^  (-[a-zA-Z],)?--[a-z][a-z-]*' | grep -oE -- '--.*')" -- "$word")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$(_vmcp_commands "${path[@]}")" -- "$word")
    [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _vmcp vmcp
