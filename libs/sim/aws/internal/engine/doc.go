// Package engine is the part of the AWS simulator that all AWS services share. It knows no service.
//
// An [Engine] answers the aws-sdk-go-v2 in place of the network. Services describe themselves to it by a [Service]
// value: operations, resource types, quotas and API limits. The engine keeps the resources in tables, by account and
// region, and adds what is the same for every service:
//
//   - it validates who calls, from the signature of the request;
//   - it takes the time of a call, and throttles it by token buckets;
//   - it runs the handler, with the engine locked, and turns a refusal into the error that the SDK expects;
//   - it records every call, and keeps a ledger of every resource that ever existed;
//   - it writes every change to a journal, if there is one;
//   - it runs scheduled effects at their time, without goroutines, so that it works in a testing/synctest bubble.
//
// A handler that meets a field, filter or value it does not simulate panics. It never ignores input.
//
// Only the packages below libs/sim/aws may import it.
package engine
