// Package queue assigns keys to replicas by shard leases and schedules their reconciliations: after
// changes, at a requested time, and with back-off after errors.
//
// The records are the queue: a key is run after every change of its record or of a record that it
// depends on, at the time that the last run requested, and with back-off after a failed run. The
// keys wait in memory; after a restart all of them are queued once more. A run gets only a key, and
// reads the current state itself.
//
// # Which replica runs a key
//
// Keys are hashed to shards, and the live replicas of a service divide the shards by rendezvous
// hashing. Two kinds of entries in the bucket of leases keep two replicas from running the same key:
//
//   - The lease of the session of each replica, a key that only this session writes. It expires on
//     the server one TTL after its last renewal was stored. The session renews it every quarter of
//     the TTL, and trusts it for three quarters of the TTL, counted on its own clock from before
//     the renewal was sent.
//   - One table with the session that holds each shard. It is written by compare-and-swap, and only
//     when shards change hands.
//
// So an idle replica costs one write in each quarter of a TTL, for any number of shards, and a lone
// replica takes all of them with two writes. It is as safe as one lease for each shard:
//
//   - A shard is run only by the session that the table names, while that session trusts its lease.
//     The table has one value at a time, so it never names two sessions for a shard.
//   - Only two writers replace a session in the table: that session itself, after its runs of the
//     shard have ended, or another session after the leader of the stream confirmed that the lease
//     has expired. An expired lease never returns: a renewal requires the previous renewal as the
//     last write, and the next session of a replica has another name. So an expired lease needs no
//     second check when the table is swapped.
//   - The server counts from when a renewal was stored, and the session from before it was sent, so
//     the session gives up at least a quarter of the TTL before the server does. Clocks must run at
//     about the same speed; they need not agree.
//
// One case remains: a process that stalls between its last check of the lease and its write. The
// lease makes double work rare; the compare-and-swap of the record, which stores the intent before
// each create, makes it harmless.
package queue
