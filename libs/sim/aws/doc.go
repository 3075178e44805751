// Package aws is AWS in memory, behind the real aws-sdk-go-v2.
//
// It sits inside the SDK's own middleware: a request is validated, serialised, signed and retried by the SDK, and only
// the answer comes from a [World] instead of the network. What it promises:
//
//   - Typed: an operation, an input field or a filter it does not simulate panics in the caller's goroutine. It never
//     ignores a wish in silence.
//   - Refusing: what AWS refuses it refuses, with the code AWS uses: dependencies, conflicts, quotas, limits on names,
//     malformed and unknown ids, mismatched client tokens.
//   - Timed: calls take as long as AWS takes, and so do the life cycles of things ([Latency]). States follow from
//     timestamps; there are no goroutines, so it runs in a testing/synctest bubble.
//   - Limited: the published token buckets of AWS hold per account and region, and answer RequestLimitExceeded.
//   - Late: describes may lag behind creates ([Options.Lag], [Options.TagLag]).
//   - Faulty on demand: any call may fail before or after it acted, or act late ([Faults]).
//   - Accountable: every call is recorded ([World.Calls]), and so is everything that ever existed ([World.Ledger]).
//   - Lasting, if asked: with [Options.Journal] a world survives the death of its process.
//
// A world holds any number of accounts (twelve digits) and regions, each with three zones. There is no default VPC in
// a region. Everybody may do everything in an account whose key they hold.
//
// Any package's tests and the local mode of the suite may import it. Nothing that talks to a real AWS does.
package aws
