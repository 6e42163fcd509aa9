# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_bedrock_fixtures_global_optspecs
    string join \n root= ogx= openai-sdk= config= no-config format= color= q/quiet v/verbose no-progress no-pager h/help V/version
end

function __fish_bedrock_fixtures_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_bedrock_fixtures_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_bedrock_fixtures_using_subcommand
    set -l cmd (__fish_bedrock_fixtures_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'
github\t'For GitHub Actions: annotations (verify)'
sarif\t'For code scanning: SARIF 2.1.0 (verify)'
markdown\t'For a comment on a pull request (diff)'
html\t'One page to search and filter, without any network (diff)'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -s V -l version -d 'Print version'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "record" -d 'Ask Bedrock and store the answers as recordings'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "verify" -d 'Check recordings: format, file name, place, completeness, secrets'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "replay-check" -d 'Answer requests from the store alone, as a test run would'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "serve" -d 'Answer requests of any program from the store, over HTTP on this machine'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "explain" -d 'Explain what key a request has, where its recording is looked up, and why it is not found'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "diff" -d 'Compare recordings by what tests see: behaviour, text, noise'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "review" -d 'Decide on changed recordings one by one'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "accept" -d 'Accept changed recordings: stage them'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "reject" -d 'Reject changed recordings: restore them from the last commit'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "rekey" -d 'Rename recordings to the keys of their requests: after a rename, an edit, a change of the key'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "prune" -d 'Delete recordings that nothing can use any more, after showing each with its reasons'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "evidence" -d 'Collect the evidence that prune needs: the tests of every CI run, and what their replays read'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "verify-token" -d 'Read a Bedrock API key: its kind, its region, and until when it is valid at most'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "mint-token" -d 'Make a short-term Bedrock API key from AWS credentials'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "demo" -d 'Record from the built-in sandbox, verify, replay, and catch an edit: a tour without AWS'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "init" -d 'Set up a repository: hooks, git attributes, a stack configuration, a case file'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "doctor" -d 'Check the setup: token, region, endpoint, recordings, suites, hooks'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "schema" -d 'Print the JSON Schema of recordings or of the configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "man" -d 'Print the manual page'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_needs_command" -f -a "help" -d 'Print the help of a command or a topic'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l cases -d 'Requests to record, JSON Lines; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l test -d 'Only requests whose test id contains PATTERN, or matches it if it has a `*`' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l key -d 'Only requests whose key starts with KEY; resumes a run that ended early' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l endpoint-url -d 'Send the requests to this server instead of AWS; plain http only to this machine' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l region -d 'Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2; an existing recording uses its own region' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l sandbox-faults -d 'Errors of the sandbox, one word per request in order of arrival, such as ok,throttle,cut' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l allow-status -d 'Store replies with this HTTP status as the exception they raise' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l allow-secret -d 'Store answers although they contain this text, which looks like a secret; the message about the answer names ID' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l concurrency -d 'Maximum concurrent requests [default: 4]' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l timeout -d 'Longest wait for the first byte of a reply, and between two parts of it [default: 120 and 60]' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l profile -d 'Mint the token from the credentials of this profile of the AWS CLI, even if the environment has a token' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l missing -d 'Only requests that have no recording yet, or one with a transient failure such as 401 or 429'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l plan -d 'Send nothing; print the planned requests, the expected tokens and time, and what would stop the run'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l mantle -d 'Use bedrock-mantle instead of bedrock-runtime'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l sandbox -d 'Record from the built-in stand-in on this machine: no account, no token, no model. Without cases and PATHs it records the built-in cases, which are those of the shipped recordings/; one of them stores a status 400'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l ask-anyway -d 'Send also requests that Bedrock is known to reject, such as an image for a model that takes none'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l no-mint -d 'Without a token, do not mint one from AWS credentials'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l yes -d 'Do not ask before paid calls; with --sandbox, replace real answers too'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l serve -d 'Serve COMMAND over HTTP instead: its requests go upstream and are recorded; for any language'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l keep-failed -d 'Keep recordings of tests that failed in pytest\'s JUnit report; by default they are restored'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand record" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l select -d 'Only these rules' -r -f -a "json\t'not JSON that Python reads, or a file that cannot be read'
lone-surrogate\t'half a surrogate pair in a text'
schema\t'JSON that is not a recording'
unknown-kind\t'a kind of request that today\'s recorder does not replay'
not-canonical\t'bytes that the recorder would not write'
key-mismatch\t'a file name that is not the key of its request'
misplaced\t'a folder in which a replay of its test does not look'
rec-id\t'an answer whose id belongs to another file name'
unknown-type\t'a `__type__` that is not an answer of a known SDK'
no-answer\t'a successful completion without an answer: null, a page, an error with status 200'
edited-answer\t'an answer that was changed after this tool recorded it'
truncated-stream\t'a stream that ends before the model did'
transient-error\t'a recorded 401, 403, 408, 429 or 5xx, or a lost connection'
secret\t'a key, token or signed url'
account-id\t'an AWS account: an ARN, or the name of a long-term key'
oversize\t'a file over 1,000 KB'
unsupported-request\t'a request that Bedrock does not support'
foreign-host\t'another service\'s answer under a Bedrock test id'
duplicate\t'the same request of the same test under two names'
noise\t'an id or a time that the recorder would have replaced; with --strict also `obfuscation`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l ignore -d 'All rules except these' -r -f -a "json\t'not JSON that Python reads, or a file that cannot be read'
lone-surrogate\t'half a surrogate pair in a text'
schema\t'JSON that is not a recording'
unknown-kind\t'a kind of request that today\'s recorder does not replay'
not-canonical\t'bytes that the recorder would not write'
key-mismatch\t'a file name that is not the key of its request'
misplaced\t'a folder in which a replay of its test does not look'
rec-id\t'an answer whose id belongs to another file name'
unknown-type\t'a `__type__` that is not an answer of a known SDK'
no-answer\t'a successful completion without an answer: null, a page, an error with status 200'
edited-answer\t'an answer that was changed after this tool recorded it'
truncated-stream\t'a stream that ends before the model did'
transient-error\t'a recorded 401, 403, 408, 429 or 5xx, or a lost connection'
secret\t'a key, token or signed url'
account-id\t'an AWS account: an ARN, or the name of a long-term key'
oversize\t'a file over 1,000 KB'
unsupported-request\t'a request that Bedrock does not support'
foreign-host\t'another service\'s answer under a Bedrock test id'
duplicate\t'the same request of the same test under two names'
noise\t'an id or a time that the recorder would have replaced; with --strict also `obfuscation`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l allow-secret -d 'Not a secret: the id of a finding of the rule `secret`, which --format json and `record` show' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l baseline -d 'Leave out the findings that FILE lists' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l write-baseline -d 'Write the current findings to FILE, for --baseline' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'
github\t'For GitHub Actions: annotations (verify)'
sarif\t'For code scanning: SARIF 2.1.0 (verify)'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l strict -d 'Fail for warnings too, and also find untidy content'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l fix -d 'Fix what is safe to fix: layout, rec- ids, times'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l explain -d 'Show for each wrong name which algorithm or edit explains it'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l rules -d 'Print the table of rules and check nothing'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l staged -d 'Check the files of git\'s index that differ from HEAD, not the working tree'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l cases -d 'Requests of a future run, JSON Lines as for `record`; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l tests -d 'All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a run; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l reads -d 'Read logs, one path or key per line; `-` is standard input. Several logs are combined' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l region -d 'Region for cases without a url' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l reads-out -d 'Append the recordings that COMMAND read to FILE, one path per line' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l serve -d 'Serve the store over HTTP to COMMAND instead of watching which files it opens; for any language'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand replay-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l mode -d 'Where answers come from' -r -f -a "replay\t'Recordings alone; nothing is ever asked'
missing\t'Recordings, and upstream for requests that have none'
record\t'Upstream, once for each request of the run'
live\t'Upstream, each time; nothing is stored'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l port -d 'Port to listen on; 0 selects a free one' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l listen -d 'Address to listen on instead of 127.0.0.1; others can then reach the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l port-file -d 'Write the port to FILE once the server listens' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l test-id -d 'The test of requests that do not name one' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l reads-out -d 'Append the recordings that were read to FILE, one path per line' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l pace -d 'Milliseconds between the events of a stream' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l first-byte -d 'Milliseconds before the first byte of an answer' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l fault -d 'Errors for the first answers, in order of arrival: throttle, unavailable, expired, daily-quota, cut, stall, slow, html, wrong-path or ok; with TEST= only for the requests of that test' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l endpoint-url -d 'Upstream server instead of AWS; plain http only to this machine' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l region -d 'Region of the upstream endpoint' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l allow-status -d 'Store upstream replies with this HTTP status as the exception they raise' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l allow-secret -d 'Store answers although they contain this text, which looks like a secret' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l profile -d 'Profile of the AWS CLI whose credentials make the upstream token' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l stdin-ends -d 'Stop when standard input ends, so that the server ends with the program that started it'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l sandbox -d 'Use the built-in stand-in as upstream: no account, no token, no model'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l mantle -d 'Use bedrock-mantle as upstream instead of bedrock-runtime'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l no-mint -d 'Without a token, stop instead of minting one from AWS credentials'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -s y -l yes -d 'With --sandbox, replace real answers too'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l test -d 'The test that did not find the recording, or a pattern with `*`; alone it lists the recordings of the test' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l from -d 'Explain every "Recording not found" in FILE: the output of pytest, or a JUnit report; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l cases -d 'A case file that may contain the request of the key; then every difference is shown' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l region -d 'Region for a request without a url' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l hashed -d 'Print only the exact text whose SHA-256 is the key'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l output -d 'Write to FILE instead of standard output' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l page-url -d 'The public url of the page of --format html, to which the comment of --format markdown links' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l textconv -d 'Print a recording as a short text without noise, for git\'s diff' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'
markdown\t'For a comment on a pull request (diff)'
html\t'One page to search and filter, without any network (diff)'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l staged -d 'Compare with the index instead of the work tree'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l exit-code -d 'Exit with code 1 if there are changes other than noise'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l all -d 'List noise too'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l stat -d 'Print only counts and one line per change'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l test -d 'Only recordings of tests whose id contains PATTERN, or matches it if it has a `*`' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l class -d 'Only these classes' -r -f -a "behaviour\t''
request\t''
text\t''
removed\t''
added\t''
rekeyed\t''
noise\t''
identical\t''"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l test -d 'Only recordings of tests whose id contains PATTERN, or matches it if it has a `*`' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l class -d 'Only these classes' -r -f -a "behaviour\t''
request\t''
text\t''
removed\t''
added\t''
rekeyed\t''
noise\t''
identical\t''"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l noise -d 'Only changes that tests cannot see: ids, times, token counts; the same as --class noise'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand accept" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l test -d 'Only recordings of tests whose id contains PATTERN, or matches it if it has a `*`' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l class -d 'Only these classes' -r -f -a "behaviour\t''
request\t''
text\t''
removed\t''
added\t''
rekeyed\t''
noise\t''
identical\t''"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -s y -l yes -d 'Do not ask'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand reject" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l test-id -d 'Rename a test, a file or a folder of tests' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l url -d 'Rename a url, a host or a path of an endpoint' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l model -d 'Rename a model' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l yes -d 'Carry out the plan'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l force -d 'Also change uncommitted files'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l edited -d 'Also rename recordings whose request was edited since the last commit, so that the answer belongs to another request'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand rekey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l tests -d 'All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a whole run; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l reads -d 'Read logs of replays, one path or key per line; `-` is standard input' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l evidence -d 'A folder of `evidence collect`: its lists and logs, in addition to --tests and --reads' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l suite -d 'Only recordings of this suite: one that is in tests/integration/suites.py, or a folder of tests/integration' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l endpoint -d 'A base url of Bedrock that is in use; by default those of the recordings that the logs name' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l quarantine -d 'Move the files there instead of deleting them, in the same folders' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l yes -d 'Carry out the plan'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l force -d 'Also delete uncommitted files'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and not __fish_seen_subcommand_from collect" -f -a "collect" -d 'Collect the tests of every run of OGX\'s CI, and with --replay what its replays read'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l suite -d 'Only the runs of this suite' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l client -d 'Only the runs with this client' -r -f -a "library\t''
server\t''"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l replay -d 'Also replay each run, and log which recordings it reads and which tests pass'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l again -d 'Collect existing evidence again'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand evidence; and __fish_seen_subcommand_from collect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l token-file -d 'Read the token from FILE' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l min-remaining -d 'A token that expires sooner than this is not usable' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l region -d 'The region where the token must work, by default AWS_REGION or AWS_DEFAULT_REGION' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l at -d 'Use this time instead of now' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l endpoint-url -d 'The server for --online instead of AWS; plain http only to this machine' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l online -d 'Ask the endpoint too, with one free call'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand verify-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l region -d 'The region where the key works, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l expires -d 'How long the key is valid: at most 12 hours, and not longer than the credentials' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l profile -d 'The profile of the AWS CLI whose credentials are used, even if the environment has some' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l output -d 'Write the key to FILE, which only its owner can read, and do not print it' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l at -d 'Use this time instead of now' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l export -d 'Print the line that sets the key in a shell'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l show -d 'Print the key even to a terminal'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand mint-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l only -d 'Only these changes' -r -f -a "hooks\t'The hooks of pre-commit'
attributes\t'Attributes by which git leaves recordings as they are and knows how to compare them'
textconv\t'The program by which git compares them'
stack\t'The configuration of the stack for local recording, in a tree of OGX'
cases\t'A case file to begin with'
config\t'A configuration file, with every setting as a comment'
conftest\t'A conftest.py that answers the requests of a pytest project from recordings, without the plugin; only on request'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l hooks -d 'How the hooks are installed: system (the program on the PATH), wheel (pre-commit installs the program from a package index, without Rust), the url of a mirror of the hooks, or local (a hook of git in this clone only). The default is wheel if this program was installed from a package index, else system' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l region -d 'Region of the stack configuration, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l model -d 'Model of the stack configuration and the case file' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l yes -d 'Make all changes without asking'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l dry-run -d 'Only show the changes'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l region -d 'The region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l suite -d 'Check these suites of tests/integration/suites.py and their recordings; by default those of Bedrock' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l baseline -d 'Leave out the errors of recordings that FILE lists; `verify --write-baseline` writes it' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l online -d 'Ask the endpoint whether it accepts the token, with one free call'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l format -d 'Output format' -r -f -a "text\t'For people'
json\t'For programs: one object with `"schema": 1`'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l root -d 'The tree that test ids are relative to, by default the git work tree or the current folder' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l ogx -d 'The version of OGX whose rules are used, by default the one in the configuration, lock files, the environment or the recordings' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l openai-sdk -d 'The version of the openai SDK whose layout new recordings get; the default is found like the version of OGX' -r
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l config -d 'The configuration, by default bedrock-fixtures.toml or pyproject.toml at the root' -r -F
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; elsewhere with CLICOLOR_FORCE'
always\t'Always'
never\t'Never'"
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l no-config -d 'Read no configuration'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -s q -l quiet -d 'Print findings and errors only'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -s v -l verbose -d 'Print more'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l no-progress -d 'Show no progress bar'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -l no-pager -d 'Show no pager'
complete -c bedrock-fixtures -n "__fish_bedrock_fixtures_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
