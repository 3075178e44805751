// Package collection is the API side of one object type: the standard methods Get,
// List, Create, Update, Apply, Delete and Watch over the records in a bucket of the
// store. Every write is a compare-and-swap, and the write is the event that wakes the
// reconciler. A method that returns an error has changed nothing.
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

// Collection is the API side of one kind: the standard methods over its
// records. Every write is a compare-and-swap; a method that fails changed
// nothing. It is safe for concurrent use.
type Collection[R object.Object] struct {
	// Type names the kind.
	Type object.Type
	// Bucket holds the records.
	Bucket *store.Bucket
	// Validate says what is wrong with a specification beyond single fields. Old is
	// the zero value on a create.
	Validate func(ctx context.Context, old, wanted R) error
	// BeforeDelete returns a fault if the object of this name must not be deleted now;
	// nil lets every delete pass.
	BeforeDelete func(name string) error
	// Adoptable says that a cluster may adopt what was made by itself.
	Adoptable bool
}

// Get returns one resource.
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

// Create stores a new resource. With a request id, the repeat of a request
// returns what it made the first time.
func (c *Collection[R]) Create(ctx context.Context, wanted R, requestID string, validateOnly bool) (R, error) {
	old, record, err := c.load(wanted.GetName())
	switch {
	case err == nil && requestID != "" && record.RequestId == requestID:
		return old, nil
	case err == nil:
		return old, fault.Existsf("%s %q exists already", c.Type.Singular, wanted.GetName())
	case !fault.Is(err, fault.NotFound):
		return old, err
	}
	created, err := c.create(ctx, wanted, requestID, validateOnly)
	if err == nil {
		return created, nil
	}
	// Somebody else may have been quicker, or the same request was. Whatever was in
	// the way of this one, a conflict or what the other has made by now, it is seen.
	old, record, missing := c.load(wanted.GetName())
	switch {
	case missing == nil && requestID != "" && record.RequestId == requestID:
		return old, nil
	case missing == nil:
		return created, fault.Existsf("%s %q exists already", c.Type.Singular, wanted.GetName())
	}
	return created, err
}

// Apply creates a resource or brings it to a new specification. With an etag,
// only that version is replaced. What is the same already is not written.
func (c *Collection[R]) Apply(ctx context.Context, wanted R, validateOnly bool) (R, error) {
	return retryOnConflict(ctx, wanted.GetEtag(), "", func(of *uidPrecondition) (R, error) { return c.apply(ctx, of, wanted, validateOnly) })
}

func (c *Collection[R]) apply(ctx context.Context, of *uidPrecondition, wanted R, validateOnly bool) (R, error) {
	old, record, err := c.find(wanted.GetName(), of)
	if fault.Is(err, fault.NotFound) {
		if wanted.GetEtag() != "" || *of != "" {
			return old, fault.Conflictf("%s %q does not exist any more", c.Type.Singular, wanted.GetName())
		}
		return c.create(ctx, wanted, "", validateOnly)
	}
	if err != nil {
		return old, err
	}
	if wanted.GetEtag() != "" && wanted.GetEtag() != old.GetEtag() {
		return old, fault.Conflictf("etag %q of %s %q is not current: it is %q now", wanted.GetEtag(), c.Type.Singular, wanted.GetName(), old.GetEtag())
	}
	if old.GetDeleteTime() != nil {
		return old, fault.Preconditionf("Wait until it is gone, then create it anew.", "%s %q is being deleted", c.Type.Singular, wanted.GetName())
	}
	if proto.Equal(object.Spec(old), object.Spec(wanted)) && sameLabels(old, wanted) {
		return old, nil
	}
	if err := c.Check(ctx, old, wanted); err != nil {
		return old, err
	}
	changed := proto.CloneOf(old)
	if !proto.Equal(object.Spec(old), object.Spec(wanted)) {
		copyField(changed, wanted, "spec")
		object.Set(changed, "generation", protoreflect.ValueOfInt64(old.GetGeneration()+1))
	}
	copyField(changed, wanted, "labels")
	object.SetTime(changed, "update_time", time.Now())
	if validateOnly {
		return changed, nil
	}
	return c.put(ctx, record.Key, record.Clone().Record, changed, record.Revision)
}

// Deletion is what the delete requests of all services have in common.
type Deletion interface {
	GetName() string
	// GetEtag is the version to delete; empty for any.
	GetEtag() string
	// GetUid is the resource to delete, of those that have the name one after
	// another; empty for the one that has it now.
	GetUid() string
	GetAllowMissing() bool
	GetValidateOnly() bool
}

// Delete marks a resource as to be removed. The reconciler removes what it owns
// and then the record.
func (c *Collection[R]) Delete(ctx context.Context, in Deletion) (R, error) {
	if c.BeforeDelete != nil {
		if err := c.BeforeDelete(in.GetName()); err != nil {
			var none R
			return none, err
		}
	}
	return retryOnConflict(ctx, in.GetEtag(), uidPrecondition(in.GetUid()), func(of *uidPrecondition) (R, error) { return c.markDeleted(ctx, of, in) })
}

func (c *Collection[R]) markDeleted(ctx context.Context, of *uidPrecondition, in Deletion) (R, error) {
	old, record, err := c.find(in.GetName(), of)
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

func (c *Collection[R]) create(ctx context.Context, wanted R, requestID string, validateOnly bool) (R, error) {
	key, err := c.Type.Key(wanted.GetName())
	if err != nil {
		return wanted, err
	}
	var none R
	if object.OwnerRef(wanted).GetAdopted() {
		return wanted, fault.InvalidFields(fault.Field{Path: "spec.cluster.adopted", Message: wanted.GetName() + " does not exist, so that there is nothing to adopt"})
	}
	if err := c.validate(ctx, none, wanted); err != nil {
		return wanted, err
	}
	fresh := proto.CloneOf(wanted)
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
		return r, fault.Conflictf("%s %q was changed by somebody else in the meantime", c.Type.Singular, r.GetName())
	case errors.Is(err, store.ErrUnavailable):
		return r, fault.Unavailablef("the state store did not answer in time; the change may or may not have been stored").Because(err)
	case errors.Is(err, store.ErrRolledBack):
		return r, fault.Preconditionf("Ask whoever runs Skep to restore a newer state or to accept this one with `skep admin accept`; nothing is changed until then.", "%s", err).Because(err)
	case errors.Is(err, store.ErrTooLarge):
		return r, fault.Invalidf("the %s is too large to be stored", c.Type.Singular).Because(err)
	case err != nil:
		return r, err
	}
	return object.Unpack[R](record, revision)
}

// Check returns a fault that names every bad field of desired. Old is the object as it
// is stored, or the zero value for a new one. It changes nothing.
func (c *Collection[R]) Check(ctx context.Context, old, desired R) error {
	if !old.ProtoReflect().IsValid() {
		return c.validate(ctx, old, desired)
	}
	if err := errors.Join(c.validateOwner(old, desired), validateImmutable(old, desired), c.validate(ctx, old, desired)); err != nil {
		return mergeFaults(err)
	}
	return nil
}

func (c *Collection[R]) validate(ctx context.Context, old, wanted R) error {
	if c.Validate == nil {
		return nil
	}
	return c.Validate(ctx, old, wanted)
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
