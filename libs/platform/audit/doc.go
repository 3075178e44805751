// Package audit keeps who did what in AWS: one line before every mutating call,
// stored before the call is sent, and one after it with what came of it.
//
// A call whose line could not be stored is not made. A process that dies between
// the line and the answer leaves a line "before" without its "after": the call
// may have been made, and the request is to be looked for in CloudTrail by time,
// principal and operation. There is never a call without a line.
//
// Lines carry names and ids only: never a parameter of a call, which might be a
// secret, a boot script or a policy.
//
// # The stream
//
// Lines are stored by the page in the stream AUDIT of the service's own NATS
// account. Lines of calls that start together share a page, so that a wave of
// creates costs one write. The stream only grows: nobody but its age, of 90 days,
// removes from it, and the service may publish to it and nothing else.
//
// # The chain
//
// A [Log] is one session of one replica. Each of its pages carries the hash of the
// page before it, and its first page that of the newest page of the whole stream
// when the session began. So replicas need not wait for one another, and still no
// page can be changed, removed or put in between without [Verify] telling; only
// the newest pages, which nothing refers to yet, could be cut off unseen. One
// chain over all replicas would not protect more, and each would have to win a
// compare-and-swap against the others before every call to AWS.
//
// A page whose write failed is in doubt. The session then ends, and a new one
// begins that refers to what is really there.
//
// The package is imported by libs/aws/session, which writes lines, by whoever hosts
// services, and by the command that shows and verifies them.
package audit
