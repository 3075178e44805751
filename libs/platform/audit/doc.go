// Package audit records which service changed what in AWS: one line before every mutating call, stored before the
// call is sent, and one line after it with the outcome.
//
// A call whose line could not be stored is not sent. If a process dies between the line and the answer, the line
// "before" has no "after": the call may have been sent, and CloudTrail shows it under time, principal and operation.
// No call is without a line.
//
// Lines contain names and ids only, never a parameter of a call: that may be a secret, a boot script or a policy.
//
// # The stream
//
// The lines are stored in pages in the stream AUDIT of the NATS account of the service. Calls that start together
// share a page, so a wave of creates costs one write. The stream only grows: only their age, 90 days, removes lines,
// and the service may publish to the stream and nothing else.
//
// # The chain
//
// A [Log] is one session of one replica. Each of its pages contains the hash of the previous page, and the first page
// contains the hash of the newest page of the whole stream at the start of the session. So replicas need not wait for
// one another, and [Verify] still detects every page that is changed, removed or inserted. Only the newest pages, to
// which no page refers yet, can be removed undetected. One chain over all replicas would not protect more, and each
// replica would have to win a compare-and-swap against the others before every call to AWS.
//
// After a failed write it is uncertain whether the page is stored. The session then ends, and a new session starts
// after the page that the stream really contains.
//
// Package libs/aws/session imports this package to write lines; the hosts of services open the log, and the
// administrator command shows and verifies it.
package audit
