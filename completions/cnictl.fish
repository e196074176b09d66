# Completion of cnictl for fish 3.
#
#   cnictl completion fish | source
#
# The program itself answers: see cnictl/cli/completing. The first line says how to take the others.

function __cnictl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l lines ($program __complete fish "$current" $words[2..-1] 2>/dev/null)
    set -q lines[1]; or return
    set -l head (string split \t -- $lines[1])
    set -e lines[1]
    set -q lines[1]; and string join \n -- $lines
    test -n "$head[2]"; and __cnictl_files "$head[1]" "$head[2]" "$current"
end

# The files that can stand behind what is settled of a word, such as --bin-dir=, with their endings or "/" or "*".
function __cnictl_files -a settled endings current
    set -l begun (string replace -- "$settled" '' "$current")
    set -l wanted "(/|\.($endings))"
    test "$endings" = /; and set wanted /
    test "$endings" = '*'; and set wanted ''
    # A command that is not there has no completions of its own, and so fish offers files.
    set -l found (complete -C"__cnictl_no_command $begun" | string match -r -- "^[^\t]*$wanted(?:\t.*|\$)")
    set -q found[1]; and printf '%s\n' $settled$found
end

complete -c cnictl -f -k -a '(__cnictl_complete)'
complete -c cnictl.pyz -f -k -a '(__cnictl_complete)'
