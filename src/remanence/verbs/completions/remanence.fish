# Completion of `remanence` for fish; printed by `remanence completion fish`.
function __remanence_answer
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    command $words[1] completion answer fish $words[2..-1] (commandline --current-token --cut-at-cursor | string collect --allow-empty) 2>/dev/null
end
complete --command remanence --no-files --keep-order --arguments '(__remanence_answer)'
