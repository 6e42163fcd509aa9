
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'bedrock-fixtures' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'bedrock-fixtures'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'bedrock-fixtures' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('record', 'record', [CompletionResultType]::ParameterValue, 'Ask Bedrock and store the answers as recordings')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check recordings: format, file name, place, completeness, secrets')
            [CompletionResult]::new('replay-check', 'replay-check', [CompletionResultType]::ParameterValue, 'Answer requests from the store alone, as a test run would')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what key a request has, where its recording is looked up, what is there, and why there is none')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Compare recordings as behaviour: what tests will see change, and what is noise')
            [CompletionResult]::new('rekey', 'rekey', [CompletionResultType]::ParameterValue, 'Give recordings the names that their requests have: after a rename, an edit, a change of the key')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Delete recordings that nothing can use any more, each with its reasons, after showing them')
            [CompletionResult]::new('verify-token', 'verify-token', [CompletionResultType]::ParameterValue, 'Tell what a Bedrock API key is, and until when it is valid at most')
            [CompletionResult]::new('mint-token', 'mint-token', [CompletionResultType]::ParameterValue, 'Make a short-term Bedrock API key from AWS credentials')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Record from the built-in sandbox, verify, and replay: see the tool work, without AWS')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set up a repository: hooks, git attributes, a stack configuration, a case file')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check what stands in the way: token, region, endpoint, recordings, suites, hooks')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print the help of a command or a topic')
            break
        }
        'bedrock-fixtures;record' {
            [CompletionResult]::new('--cases', '--cases', [CompletionResultType]::ParameterName, 'Requests to ask, JSON Lines; `-` is standard input')
            [CompletionResult]::new('--test', '--test', [CompletionResultType]::ParameterName, 'Only requests whose test id contains PATTERN, or matches it when it has a `*`')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Only requests whose key begins so; how a run that ended early is gone on with')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'Send the requests to this server instead of AWS; plain http only to this machine')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2; a recording that is asked again is asked in its own')
            [CompletionResult]::new('--sandbox-faults', '--sandbox-faults', [CompletionResultType]::ParameterName, 'What the sandbox does wrong, one word a request in order of arrival, such as ok,throttle,cut')
            [CompletionResult]::new('--allow-status', '--allow-status', [CompletionResultType]::ParameterName, 'Store replies with this HTTP status as the exception they raise')
            [CompletionResult]::new('--allow-secret', '--allow-secret', [CompletionResultType]::ParameterName, 'Store answers that hold this text although it looks like a secret: the id that a refusal names')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Requests under way at a time')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest wait for the first byte of a reply, and between two pieces of it [default: 120 and 60]')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--missing', '--missing', [CompletionResultType]::ParameterName, 'Only requests that have no recording yet, or one of a passing failure such as 401 or 429')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Ask nothing; print what would be asked, what that is expected to take, and what would stop it')
            [CompletionResult]::new('--mantle', '--mantle', [CompletionResultType]::ParameterName, 'Ask bedrock-mantle instead of bedrock-runtime')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Ask the built-in stand-in on this machine: no account, no token, no model. Without cases and PATHs it is asked the built-in cases, those of the shipped recordings/, and its status 400 to one of them is stored')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before paid calls; with --sandbox, replace real answers too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;verify' {
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'All but these rules')
            [CompletionResult]::new('--allow-secret', '--allow-secret', [CompletionResultType]::ParameterName, 'Not a secret: the id of a finding of the rule secret, as --format json and record show it')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out the findings that FILE lists')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the findings of today to FILE, for --baseline')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Let warnings fail too, and find what is only untidy')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what is safe to mend: layout, rec- ids, times')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Say for each wrong name which algorithm or edit explains it')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Print the table of rules and check nothing')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Check what is in git''s index and differs from HEAD, not the working tree')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;replay-check' {
            [CompletionResult]::new('--cases', '--cases', [CompletionResultType]::ParameterName, 'Requests that a run will make, JSON Lines as for `record`; `-` is standard input')
            [CompletionResult]::new('--tests', '--tests', [CompletionResultType]::ParameterName, 'Tests that there are, as `pytest --collect-only -q` prints them; `-` is standard input. Several are taken together')
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'Read logs, one path or key a line; `-` is standard input. Several are taken together')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of the urls of cases that name none')
            [CompletionResult]::new('--reads-out', '--reads-out', [CompletionResultType]::ParameterName, 'Append the recordings that COMMAND read to FILE, one path a line')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;explain' {
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of the url of a request that names none')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--hashed', '--hashed', [CompletionResultType]::ParameterName, 'Print only the exact text whose SHA-256 is the key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;diff' {
            [CompletionResult]::new('--textconv', '--textconv', [CompletionResultType]::ParameterName, 'Print a recording as a short text without noise, for git''s diff')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Compare with the index instead of the work tree')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 1 when there is anything but noise')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List noise too')
            [CompletionResult]::new('--stat', '--stat', [CompletionResultType]::ParameterName, 'Only counts and a line a change')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;rekey' {
            [CompletionResult]::new('--test-id', '--test-id', [CompletionResultType]::ParameterName, 'Rename a test, a file or a folder of tests')
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'Rename a url, a host or a path of an endpoint')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Rename a model')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do what is planned')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also change files that git has not committed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;prune' {
            [CompletionResult]::new('--tests', '--tests', [CompletionResultType]::ParameterName, 'Tests that there are, as `pytest --collect-only -q` prints them, of all configurations; `-` is standard input')
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'Read logs of replays, one path or key a line; `-` is standard input')
            [CompletionResult]::new('--suite', '--suite', [CompletionResultType]::ParameterName, 'Only recordings of this suite: one that tests/integration/suites.py spells out, or a folder of tests/integration')
            [CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'A base url at which Bedrock is asked today; by default those of the recordings that are read')
            [CompletionResult]::new('--quarantine', '--quarantine', [CompletionResultType]::ParameterName, 'Move the files there instead of deleting them, in the same folders')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do what is planned')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also delete files that git has not committed')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;verify-token' {
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the token from FILE')
            [CompletionResult]::new('--min-remaining', '--min-remaining', [CompletionResultType]::ParameterName, 'A token that is left less than this is not usable')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region it is to work in, by default AWS_REGION or AWS_DEFAULT_REGION')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Judge it at this moment instead of now')
            [CompletionResult]::new('--endpoint-url', '--endpoint-url', [CompletionResultType]::ParameterName, 'The server that --online asks instead of AWS; plain http only to this machine')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--online', '--online', [CompletionResultType]::ParameterName, 'Ask the endpoint too, by one call that costs nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;mint-token' {
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region the key is to work in, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'How long it is to last: at most 12 hours, and no longer than the credentials')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS CLI to take the credentials from, whatever the environment has')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the key to FILE, which nobody else may read, and print nothing of it')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Date it at this moment instead of now')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Print the line that sets the key in a shell')
            [CompletionResult]::new('--show', '--show', [CompletionResultType]::ParameterName, 'Print the key even to a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;demo' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;init' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only these changes')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'Region of the stack configuration, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model of the stack configuration and the case file')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make all changes without asking')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show them')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;doctor' {
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The region that is to be asked, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--online', '--online', [CompletionResultType]::ParameterName, 'Ask the endpoint whether it takes the token, by one call that costs nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;completions' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;man' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'bedrock-fixtures;help' {
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'The tree that test ids are relative to, by default the git work tree or the current folder')
            [CompletionResult]::new('--ogx', '--ogx', [CompletionResultType]::ParameterName, 'The version of OGX whose recorder''s rules hold, by default the newest one that is known')
            [CompletionResult]::new('--openai-sdk', '--openai-sdk', [CompletionResultType]::ParameterName, 'The version of the openai SDK whose layout new recordings have, by default the newest one that is known')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the result is printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print findings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no progress bar')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Show no pager')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
