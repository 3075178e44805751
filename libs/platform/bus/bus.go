// Package bus sets NATS up for the suite: which service owns and reads which bucket (Topology), the server
// configuration that enforces it (Config), the streams behind the buckets (Provision), and a server inside the
// process for a laptop and for tests (Start).
//
// Every service has a NATS account of its own. Permissions of users within one account are not enough: the server
// checks the subjects that a user publishes to, but neither the reply subjects of its requests nor the delivery
// subjects of its consumers. A user that can read a value can therefore make the server write it anywhere in the
// account. Between accounts only exported subjects pass. A service reads the bucket of another service from a mirror
// in its own account, which only the administrator can create; revisions in the mirror equal those of the original.
//
// The package links the NATS server. The compositions of the suite import it (a service that runs alone needs only
// [Topology] and a connection); domain packages do not.
package bus
