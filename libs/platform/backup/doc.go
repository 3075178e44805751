// Package backup writes the whole state of an installation to one file and restores it: the records of every service,
// the timeline, the audit lines and the id of the installation, each as a snapshot that JetStream takes. It contains
// no leases and mirrors: they are created again.
//
// A backup is consistent per stream, and services may run meanwhile. The records of two services may then differ by a
// moment, which every service tolerates: it reconciles from the records that it sees.
//
// A restored state is older than AWS. Until an operator accepts it, Skep changes nothing in AWS; see [bus.Accept].
// Sealed secrets are in the backup as they are stored: they are useless without the sealing key, which the backup
// does not contain.
//
// The administrator command and tests import the package.
package backup
