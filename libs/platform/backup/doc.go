// Package backup takes the whole state of an installation into one file and puts
// it back: the records of every service, the timeline, the audit lines and the id
// of the installation, each a snapshot that JetStream itself makes. Leases and
// mirrors are not in it: they are made anew.
//
// A backup is consistent stream by stream, and the services may go on meanwhile.
// What two of them say of one cluster may then be a moment apart, which they are
// used to: each reconciles from what it sees.
//
// A restored state is older than AWS. Nothing is changed in AWS on its strength
// until an operator accepts it; see [bus.Accept]. Sealed secrets are in the backup
// as they are stored: they are of no use without the sealing key, which is not.
//
// The command of the administrator imports the package, and tests.
package backup
