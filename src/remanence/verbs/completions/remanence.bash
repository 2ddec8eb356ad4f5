# Completion of `remanence` for bash; printed by `remanence completion bash`.
_remanence() {
    local line=${COMP_LINE:0:$COMP_POINT} word reply=() candidate
    local -a words
    read -r -a words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word=${words[-1]}
    # readline replaces only what stands behind the last = or :, so that what is before it is left out of each answer
    local before=${word%"${COMP_WORDS[COMP_CWORD]}"}
    [[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] && before=$word
    mapfile -t reply < <(command "${words[0]}" completion answer bash "${words[@]:1}" 2>/dev/null)
    COMPREPLY=()
    for candidate in "${reply[@]}"; do
        COMPREPLY+=("${candidate#"$before"}")
    done
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=./] ]] && compopt -o nospace
    return 0
}
complete -o nosort -F _remanence remanence 2>/dev/null || complete -F _remanence remanence
