package collection

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// uidPrecondition is the uid of the resource that a write is about, once that is known.
//
// A request may stand still between its decision and its write, while its caller
// has it repeated elsewhere, deletes and creates anew. Decided anew it must not
// hit what has the name by then.
type uidPrecondition string

// find returns the resource of a name, if it is the one that the write is about.
// The first that is found becomes that.
func (c *Collection[R]) find(name string, of *uidPrecondition) (R, store.Record, error) {
	r, record, err := c.load(name)
	if err != nil {
		return r, record, err
	}
	if *of == "" {
		*of = uidPrecondition(r.GetUid())
	}
	if r.GetUid() != string(*of) {
		var none R
		return none, store.Record{}, fault.NotFoundf("%s %q with the uid %q does not exist: the name is that of another", c.Type.Singular, name, *of)
	}
	return r, record, nil
}

// writeTries is how often a write without an etag is decided anew.
const writeTries = 5

// retryOnConflict decides a write anew while somebody else is quicker: a client that
// gave no etag does not care for the version, and the reconciler writes often.
// Nothing is decided anew for a caller who does not wait for it any more.
func retryOnConflict[R object.Object](ctx context.Context, etag string, of uidPrecondition, write func(of *uidPrecondition) (R, error)) (R, error) {
	r, err := write(&of)
	for range writeTries - 1 {
		if etag != "" || ctx.Err() != nil || !fault.Is(err, fault.Conflict) {
			break
		}
		r, err = write(&of)
	}
	return r, err
}
