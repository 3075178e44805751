package collection

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// uidPrecondition is the uid of the object that a write concerns; empty until it is known.
//
// A request may stall between its decision and its write, while its caller repeats it on another
// replica, deletes the object and creates it again. A repeated decision must not change the new
// object of the same name.
type uidPrecondition string

// find returns the object of a name, if it has the uid. An empty uid is set to that of the found
// object.
func (c *Collection[R]) find(name string, uid *uidPrecondition) (R, store.Record, error) {
	r, record, err := c.load(name)
	if err != nil {
		return r, record, err
	}
	if *uid == "" {
		*uid = uidPrecondition(r.GetUid())
	}
	if r.GetUid() != string(*uid) {
		var none R
		return none, store.Record{}, fault.NotFoundf("%s %q with the uid %q does not exist: another object has this name", c.Type.Singular, name, *uid)
	}
	return r, record, nil
}

// writeTries is the number of attempts of a write without an etag.
const writeTries = 5

// retryOnConflict repeats the decision and the write after a conflict. A client that gave no etag
// accepts any version, and the reconciler writes often. It stops when the context of the caller
// ends.
func retryOnConflict[R object.Object](ctx context.Context, etag string, uid uidPrecondition, write func(uid *uidPrecondition) (R, error)) (R, error) {
	r, err := write(&uid)
	for range writeTries - 1 {
		if etag != "" || ctx.Err() != nil || !fault.Is(err, fault.Conflict) {
			break
		}
		r, err = write(&uid)
	}
	return r, err
}
