# SPDX-License-Identifier: GPL-2.0-only
# fish completion for sipalg(8): the tool itself knows what may come next

function __sipalg_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] complete $words[2..-1] "$word" 2>/dev/null)
        if test "$line" = :file
            __fish_complete_path "$word"
        else
            echo $line
        end
    end
end

complete -c sipalg -f -a '(__sipalg_complete)'
