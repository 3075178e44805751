// Package aws is AWS in memory, behind the real aws-sdk-go-v2.
//
// It works inside the SDK's middleware: the SDK validates, serializes, signs and retries a request, and only the answer
// comes from a [Simulation] instead of the network. What it promises:
//
//   - Typed: an operation, an input field or a filter that it does not simulate panics in the caller's goroutine. It never
//     ignores input.
//   - Strict: it refuses what AWS refuses, with the error code of AWS: dependencies, conflicts, quotas, limits on names,
//     malformed and unknown ids, client tokens that do not match.
//   - Timed: calls and life cycles take as long as in AWS ([Latency]). States follow from timestamps; there are no
//     goroutines, so that it works in a testing/synctest bubble.
//   - Throttled: the published API limits of AWS apply to each account and region.
//   - Eventually consistent: reads may lag behind creates ([Options]).
//   - Faulty on demand: any call may fail before or after it took effect, or take effect late ([Faults]).
//   - Recorded: it records every call ([Simulation.Calls]) and every resource that ever existed ([Simulation.Ledger]).
//   - Durable on demand: with a journal ([Options]) the state survives the death of the process.
//
// A Simulation has any number of accounts (twelve digits) and regions, each with three zones. A region has no default VPC. A
// caller may do everything in the account of its key: IAM policies are stored and not evaluated.
//
// The package is a facade. The engine that all services share is internal/engine; each AWS service is a package over
// it.
//
// Tests of any package, the benchmarks and the local mode of the suite may import it. Code that talks to AWS must not.
package aws
