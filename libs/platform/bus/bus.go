// Package bus is NATS as the suite uses it: who owns which bucket and who
// reads it (Topology), the server configuration that holds them to it (Config),
// the streams behind the buckets (Provision), and a server inside the process
// for a laptop and for tests (Start).
//
// Every service has a NATS account of its own. Permissions of users within one
// account do not hold: the server checks the subjects a user publishes to, but
// not the reply subjects of its requests nor the delivery subjects of its
// consumers, and so whoever may read a value can have the server write it
// anywhere in the account. Between accounts nothing passes but what is
// exported. A bucket of another service is therefore read from a mirror in the
// reader's own account, which only the administrator can make; revisions in the
// mirror are those of the original.
//
// The package links the NATS server. The compositions of the suite import it
// (a service that runs alone needs only [Topology] and a connection); domain
// packages do not.
package bus
