// Package collection is the API side of one object type: the standard methods Get,
// List, Create, Update, Apply, Delete and Watch over the records in a bucket of the
// store. Every write is a compare-and-swap, and the write is the event that wakes the
// reconciler. A method that returns an error has changed nothing, unless the error is
// Unavailable: then the store did not answer the write.
//
// The gRPC servers of services and gateway import it.
package collection

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Collection implements the standard methods of one object type over its records. Every write is a
// compare-and-swap. A method that returns an error has changed nothing, unless the error is
// Unavailable. It is safe for concurrent use.
type Collection[R object.Object] struct {
	// Type is the object type.
	Type object.Type
	// Bucket holds the records.
	Bucket *store.Bucket
	// Validate checks a spec beyond single fields. Old is the zero value on a create. Nil accepts
	// every spec.
	Validate func(ctx context.Context, old, desired R) error
	// BeforeDelete returns a fault if the object of this name must not be deleted now. Nil
	// accepts every delete.
	BeforeDelete func(name string) error
	// Adoptable means that a cluster may adopt a standalone object of this type.
	Adoptable bool
}

// Get returns the object of this name.
func (c *Collection[R]) Get(name string) (R, error) {
	r, _, err := c.load(name)
	return r, err
}

func (c *Collection[R]) load(name string) (R, store.Record, error) {
	var none R
	key, err := c.Type.Key(name)
	if err != nil {
		return none, store.Record{}, err
	}
	record, ok := c.Bucket.Get(key)
	if !ok {
		return none, store.Record{}, fault.NotFoundf("%s %q does not exist", c.Type.Singular, name)
	}
	r, err := object.Unpack[R](record.Record, record.Revision)
	return r, record, err
}

// Create stores a new object. A repeated request with the same request id returns the object that
// the first one created.
func (c *Collection[R]) Create(ctx context.Context, desired R, requestID string, validateOnly bool) (R, error) {
	old, record, err := c.load(desired.GetName())
	switch {
	case err == nil && requestID != "" && record.RequestId == requestID:
		return old, nil
	case err == nil:
		return old, fault.Existsf("%s %q already exists", c.Type.Singular, desired.GetName())
	case !fault.Is(err, fault.NotFound):
		return old, err
	}
	created, err := c.create(ctx, desired, requestID, validateOnly)
	if err == nil {
		return created, nil
	}
	// A concurrent create, or this request sent before, may have stored the object. The cache
	// shows it by now, whether this create failed with a conflict or with another error.
	old, record, missing := c.load(desired.GetName())
	switch {
	case missing == nil && requestID != "" && record.RequestId == requestID:
		return old, nil
	case missing == nil:
		return created, fault.Existsf("%s %q already exists", c.Type.Singular, desired.GetName())
	}
	return created, err
}

// Apply creates an object or changes its spec and labels. With an etag it changes only that
// version. It writes nothing if spec and labels are unchanged.
func (c *Collection[R]) Apply(ctx context.Context, desired R, validateOnly bool) (R, error) {
	return retryOnConflict(ctx, desired.GetEtag(), "", func(uid *uidPrecondition) (R, error) { return c.apply(ctx, uid, desired, validateOnly) })
}

func (c *Collection[R]) apply(ctx context.Context, uid *uidPrecondition, desired R, validateOnly bool) (R, error) {
	old, record, err := c.find(desired.GetName(), uid)
	if fault.Is(err, fault.NotFound) {
		if desired.GetEtag() != "" || *uid != "" {
			return old, fault.Conflictf("%s %q no longer exists", c.Type.Singular, desired.GetName())
		}
		return c.create(ctx, desired, "", validateOnly)
	}
	if err != nil {
		return old, err
	}
	if desired.GetEtag() != "" && desired.GetEtag() != old.GetEtag() {
		return old, fault.Conflictf("etag %q of %s %q is not current: it is %q now", desired.GetEtag(), c.Type.Singular, desired.GetName(), old.GetEtag())
	}
	if old.GetDeleteTime() != nil {
		return old, fault.Preconditionf("Wait until it is deleted, then create it again.", "%s %q is being deleted", c.Type.Singular, desired.GetName())
	}
	if proto.Equal(object.Spec(old), object.Spec(desired)) && sameLabels(old, desired) {
		return old, nil
	}
	if err := c.Check(ctx, old, desired); err != nil {
		return old, err
	}
	changed := proto.CloneOf(old)
	if !proto.Equal(object.Spec(old), object.Spec(desired)) {
		copyField(changed, desired, "spec")
		object.Set(changed, "generation", protoreflect.ValueOfInt64(old.GetGeneration()+1))
	}
	copyField(changed, desired, "labels")
	object.SetTime(changed, "update_time", time.Now())
	if validateOnly {
		return changed, nil
	}
	return c.put(ctx, record.Key, record.Clone().Record, changed, record.Revision)
}

// Deletion is a delete request.
type Deletion interface {
	GetName() string
	// GetEtag returns the version to delete; empty for any.
	GetEtag() string
	// GetUid returns the uid of the object to delete, since a name can be used again; empty for
	// the object that has the name now.
	GetUid() string
	GetAllowMissing() bool
	GetValidateOnly() bool
}

// Delete marks an object as deleted. The reconciler then deletes its resources and removes the
// record.
func (c *Collection[R]) Delete(ctx context.Context, in Deletion) (R, error) {
	if c.BeforeDelete != nil {
		if err := c.BeforeDelete(in.GetName()); err != nil {
			var none R
			return none, err
		}
	}
	return retryOnConflict(ctx, in.GetEtag(), uidPrecondition(in.GetUid()), func(uid *uidPrecondition) (R, error) { return c.markDeleted(ctx, uid, in) })
}

func (c *Collection[R]) markDeleted(ctx context.Context, uid *uidPrecondition, in Deletion) (R, error) {
	old, record, err := c.find(in.GetName(), uid)
	if fault.Is(err, fault.NotFound) && in.GetAllowMissing() {
		return old, nil
	}
	if err != nil {
		return old, err
	}
	if in.GetEtag() != "" && in.GetEtag() != old.GetEtag() {
		return old, fault.Conflictf("etag %q of %s %q is not current: it is %q now", in.GetEtag(), c.Type.Singular, in.GetName(), old.GetEtag())
	}
	if err := notAdopted(old); err != nil {
		return old, err
	}
	if old.GetDeleteTime() != nil || in.GetValidateOnly() {
		return old, nil
	}
	changed := proto.CloneOf(old)
	object.SetTime(changed, "delete_time", time.Now())
	object.SetState(changed, object.Deleting)
	return c.put(ctx, record.Key, record.Clone().Record, changed, record.Revision)
}

func (c *Collection[R]) create(ctx context.Context, desired R, requestID string, validateOnly bool) (R, error) {
	key, err := c.Type.Key(desired.GetName())
	if err != nil {
		return desired, err
	}
	var none R
	if object.OwnerRef(desired).GetAdopted() {
		return desired, fault.InvalidFields(fault.Field{Path: "spec.cluster.adopted", Message: desired.GetName() + " does not exist, so the cluster cannot adopt it"})
	}
	if err := c.validate(ctx, none, desired); err != nil {
		return desired, err
	}
	fresh := proto.CloneOf(desired)
	object.Clear(fresh, "status")
	object.Clear(fresh, "delete_time")
	now := time.Now()
	object.SetString(fresh, "uid", object.NewUID())
	object.Set(fresh, "generation", protoreflect.ValueOfInt64(1))
	object.SetTime(fresh, "create_time", now)
	object.SetTime(fresh, "update_time", now)
	object.SetState(fresh, object.Creating)
	if validateOnly {
		return fresh, nil
	}
	record := &recordv1.Record{RequestId: requestID}
	object.AddTransition(record, now, "Created", "Declared", "")
	return c.put(ctx, key, record, fresh, 0)
}

func (c *Collection[R]) put(ctx context.Context, key string, record *recordv1.Record, r R, revision uint64) (R, error) {
	if err := object.Pack(record, r); err != nil {
		return r, err
	}
	revision, err := c.Bucket.Put(ctx, key, record, revision)
	switch {
	case errors.Is(err, store.ErrConflict):
		return r, fault.Conflictf("%s %q was changed by another request: read it again and retry", c.Type.Singular, r.GetName())
	case errors.Is(err, store.ErrUnavailable):
		return r, fault.Unavailablef("the state store did not answer in time; the change may or may not have been stored").Because(err)
	case errors.Is(err, store.ErrRolledBack):
		return r, fault.Preconditionf("Ask the operator to restore a newer state, or to accept this one with `skep admin accept`. Skep changes nothing until then.", "%s", err).Because(err)
	case errors.Is(err, store.ErrTooLarge):
		return r, fault.Invalidf("the %s is too large to be stored", c.Type.Singular).Because(err)
	case err != nil:
		return r, err
	}
	return object.Unpack[R](record, revision)
}

// Check returns a fault that names every bad field of desired. Old is the stored object, or
// the zero value for a new one. It changes nothing.
func (c *Collection[R]) Check(ctx context.Context, old, desired R) error {
	if !old.ProtoReflect().IsValid() {
		return c.validate(ctx, old, desired)
	}
	if err := errors.Join(c.validateOwner(old, desired), validateImmutable(old, desired), c.validate(ctx, old, desired)); err != nil {
		return mergeFaults(err)
	}
	return nil
}

func (c *Collection[R]) validate(ctx context.Context, old, desired R) error {
	if c.Validate == nil {
		return nil
	}
	return c.Validate(ctx, old, desired)
}

func sameLabels(a, b object.Object) bool {
	if len(a.GetLabels()) != len(b.GetLabels()) {
		return false
	}
	for key, value := range a.GetLabels() {
		if other, ok := b.GetLabels()[key]; !ok || other != value {
			return false
		}
	}
	return true
}
