package cluster_test

import (
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// at returns one operation of a history with its start and end.
func at(call, end int64, r request, a answer) porcupine.Operation {
	r.key = "key"
	return porcupine.Operation{ClientId: int(call), Input: r, Output: a, Call: call, Return: end}
}

func puts(before, after version) request {
	return request{verb: put, decidedOn: before, version: after}
}

func deletes(before version) request { return request{verb: remove, decidedOn: before} }

func TestTheModelAcceptsOnlyAllowedHistories(t *testing.T) {
	t.Parallel()
	reads, returns := request{verb: read}, func(v version) answer { return answer{outcome: done, seen: v} }
	for name, c := range map[string]struct {
		holds   bool
		history []porcupine.Operation
	}{
		"a write is read": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, reads, returns("a")),
		}},
		"an acknowledged write is lost": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, reads, returns(absent)),
		}},
		"a read is older than an earlier read": {false, []porcupine.Operation{
			at(1, 9, puts(absent, "a"), answer{outcome: done}), at(2, 3, reads, returns("a")), at(4, 5, reads, returns(absent)),
		}},
		"two writes are decided on one version": {false, []porcupine.Operation{
			at(1, 9, puts(absent, "a"), answer{outcome: done}), at(2, 8, puts(absent, "b"), answer{outcome: done}),
		}},
		"a write without a conflict is refused": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: refused}), at(3, 4, reads, returns(absent)),
		}},
		"a refused write takes effect": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, puts("a", "b"), answer{outcome: refused}), at(5, 6, reads, returns("b")),
		}},
		"an uncertain write takes effect later": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: uncertain}), at(3, 4, reads, returns(absent)), at(5, 6, reads, returns("a")),
		}},
		"an uncertain write never takes effect": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, deletes("a"), answer{outcome: uncertain}), at(5, 6, reads, returns("a")),
		}},
		"an uncertain write takes effect twice": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: uncertain}), at(3, 4, reads, returns("a")),
			at(5, 6, deletes("a"), answer{outcome: done}), at(7, 8, reads, returns("a")),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.holds, porcupine.CheckOperations(register, forChecker(c.history)))
		})
	}
}
