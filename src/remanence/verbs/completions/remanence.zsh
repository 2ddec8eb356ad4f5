#compdef remanence
# Completion of `remanence` for zsh; printed by `remanence completion zsh`.
_remanence() {
    local line candidate about
    local -a open_words open_shown closed_words closed_shown
    for line in "${(@f)$(command ${words[1]} completion answer zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -z $line ]] && continue
        candidate=${line%%$'\t'*} about=${line#*$'\t'}
        [[ -n $about && $about != $candidate ]] && about="$candidate  -- $about" || about=$candidate
        if [[ $candidate == *[=./] ]]; then
            open_words+=("$candidate") open_shown+=("$about")
        else
            closed_words+=("$candidate") closed_shown+=("$about")
        fi
    done
    (( $#open_words )) && compadd -Q -S '' -l -d open_shown -a open_words
    (( $#closed_words )) && compadd -Q -l -d closed_shown -a closed_words
    (( $#open_words + $#closed_words ))
}
if [[ ${funcstack[1]} == _remanence ]]; then
    _remanence "$@"
else
    compdef _remanence remanence
fi
