// Package queue decides who runs which key, when, and how often again.
//
// The records are the queue: a key is run after every change of its record or of
// a record that it depends on, again when a run asked for it, and again with
// back-off when a run failed. The keys wait in memory; after a restart all of
// them are offered once more. A run gets a key and nothing else, and looks at
// what is there.
//
// # Who runs a key
//
// Keys are hashed to shards, and the live replicas of a service divide the shards
// by rendezvous hashing. What keeps two replicas from running one key is two
// kinds of entries in the bucket of leases:
//
//   - The lease of each replica's session, a key of its own that nobody else ever
//     writes. It expires on the server a TTL after its last renewal was stored. Its
//     holder renews it every quarter of the TTL, and trusts it for three quarters
//     of the TTL, counted on its own clock from before the renewal was sent.
//   - One table that names the session that holds each shard. It is written by
//     compare-and-swap, and only when shards change hands.
//
// So an idle replica costs one write each quarter of a TTL, whatever the number of
// shards, and a lone replica takes all of them with two writes. It is as safe as a
// lease per shard:
//
//   - A shard is run only by the session that the table names, while that session
//     trusts its lease. The table has one value at a time, so no two sessions are
//     named for a shard.
//   - A name in the table is replaced only by that session itself, after its runs
//     of the shard have ended, or by another after asking the leader of the stream,
//     who said that the lease is gone. A lease that is gone stays gone: it is
//     renewed only on top of its own last renewal, and the next session of a
//     replica has another name. What was found expired therefore needs no second
//     look when the table is swapped.
//   - The server counts from when a renewal was stored and the holder from before
//     it was sent, so the holder gives up at least a quarter of the TTL before the
//     server does. Clocks need only run at about the same speed; they need not agree.
//
// What remains is a process that stands still between its last look at the lease
// and its write. The lease makes double work rare; the compare-and-swap on the
// record, which stores the intent before anything is created, makes it harmless.
package queue
