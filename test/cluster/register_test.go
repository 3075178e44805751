package cluster_test

import (
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// at is one operation of a history, in the order of its times.
func at(call, end int64, r request, a answer) porcupine.Operation {
	r.key = "key"
	return porcupine.Operation{ClientId: int(call), Input: r, Output: a, Call: call, Return: end}
}

func puts(before, after version) request {
	return request{verb: put, decidedOn: before, version: after}
}

func deletes(before version) request { return request{verb: remove, decidedOn: before} }

func TestWhatTheStorePromisesAndWhatItDoesNot(t *testing.T) {
	t.Parallel()
	reads, is := request{verb: read}, func(v version) answer { return answer{outcome: done, seen: v} }
	for name, c := range map[string]struct {
		holds   bool
		history []porcupine.Operation
	}{
		"a write is read": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, reads, is("a")),
		}},
		"a write that was acknowledged is lost": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, reads, is(absent)),
		}},
		"a read goes back behind an earlier one": {false, []porcupine.Operation{
			at(1, 9, puts(absent, "a"), answer{outcome: done}), at(2, 3, reads, is("a")), at(4, 5, reads, is(absent)),
		}},
		"two writes are decided on the same": {false, []porcupine.Operation{
			at(1, 9, puts(absent, "a"), answer{outcome: done}), at(2, 8, puts(absent, "b"), answer{outcome: done}),
		}},
		"a write is refused though nothing is in its way": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: refused}), at(3, 4, reads, is(absent)),
		}},
		"a write is refused and made": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, puts("a", "b"), answer{outcome: refused}), at(5, 6, reads, is("b")),
		}},
		"a write in doubt is made later": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: doubt}), at(3, 4, reads, is(absent)), at(5, 6, reads, is("a")),
		}},
		"a write in doubt is never made": {true, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: done}), at(3, 4, deletes("a"), answer{outcome: doubt}), at(5, 6, reads, is("a")),
		}},
		"a write in doubt is made twice": {false, []porcupine.Operation{
			at(1, 2, puts(absent, "a"), answer{outcome: doubt}), at(3, 4, reads, is("a")),
			at(5, 6, deletes("a"), answer{outcome: done}), at(7, 8, reads, is("a")),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.holds, porcupine.CheckOperations(register, settled(c.history)))
		})
	}
}
