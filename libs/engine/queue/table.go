package queue

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
)

// table holds, for each shard, the name of the session that holds it, or "".
type table struct {
	Holders []string `json:"holders"`
}

func (t table) encode() ([]byte, error) { return json.Marshal(t) }

func decodeTable(data []byte) (table, error) {
	var t table
	if err := json.Unmarshal(data, &t); err != nil {
		return table{}, fmt.Errorf("decode table of shards: %w", err)
	}
	return t, nil
}

// shardOf returns the shard of a key.
func shardOf(key string, shards int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // A hash never fails to write.
	return int(h.Sum32() % uint32(shards))
}

// chosen returns the replica that should hold a shard: the one with the highest score. When a
// replica joins or leaves, only its own shards move.
func chosen(replicas []string, shard int) string {
	var best string
	var high uint64
	for _, r := range replicas {
		if s := score(r, shard); best == "" || s > high || s == high && r > best {
			best, high = r, s
		}
	}
	return best
}

// score hashes a replica and a shard. FNV alone gives similar scores to neighboring shards; the
// finalizer of MurmurHash3 separates them.
func score(replica string, shard int) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%d", replica, shard)
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
