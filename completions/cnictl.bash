# Completion of cnictl for bash 4.2 and newer. It needs no bash-completion.
#
#   source <(cnictl completion bash)
#
# The program itself answers: see cnictl/cli/completing. The first line says how to take the others.

_cnictl() {
    local option options=''
    COMPREPLY=()
    {
        IFS= read -r options || true
        mapfile -t COMPREPLY
    } < <("${1/#\~\//$HOME/}" __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    for option in $options; do
        compopt -o "$option" 2>/dev/null  # bash 4.2 knows no nosort
    done
}

complete -F _cnictl cnictl cnictl.pyz
