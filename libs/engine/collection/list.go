package collection

import (
	"context"
	"strings"

	"go.einride.tech/aip/pagination"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/filter"
)

// ListRequest is the request of a list method: page size, page token and filter.
type ListRequest interface {
	pagination.Request
	GetFilter() string
}

// pageSize is the default page size.
const pageSize = 50

// List returns one page of the objects below a parent, ordered by key, and the token of the next
// page; an empty token means that this page is the last. The parent `organizations/-`, or none,
// means every parent.
func (c *Collection[R]) List(parent string, request ListRequest) ([]R, string, error) {
	match, err := c.filter(request.GetFilter())
	if err != nil {
		return nil, "", err
	}
	token, err := filter.ParsePageToken(request)
	if err != nil {
		return nil, "", err
	}
	size := int(request.GetPageSize())
	if size == 0 {
		size = pageSize
	}
	var found []R
	for _, key := range c.Bucket.Keys(c.Type.KeyPrefix(parent)) {
		if key <= token.After {
			continue
		}
		record, ok := c.Bucket.Get(key)
		if !ok {
			continue
		}
		r, err := object.Unpack[R](record.Record, record.Revision)
		if err != nil {
			return nil, "", err
		}
		if !match.Match(r) {
			continue
		}
		if len(found) == size {
			last, err := c.Type.Key(found[size-1].GetName())
			return found, token.Next(last), err
		}
		found = append(found, r)
	}
	return found, "", nil
}

// Change is one message of a watch.
type Change[R object.Object] struct {
	// Resource is the current object. If it is deleted, only its name is set.
	Resource R
	// Deleted means that the object is deleted or no longer matches the filter.
	Deleted bool
	// Synced means that all objects that existed at the start have been sent.
	Synced bool
}

// Watch sends every existing object and then every change, until ctx ends or send fails. If the
// caller falls behind, Watch sends the whole list again.
func (c *Collection[R]) Watch(ctx context.Context, parent, text string, send func(Change[R]) error) error {
	match, err := c.filter(text)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for {
		if err := c.watch(ctx, parent, match, known, send); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

func (c *Collection[R]) watch(ctx context.Context, parent string, match *filter.Filter, known map[string]bool, send func(Change[R]) error) error {
	watch := c.Bucket.Changes(c.Type.KeyPrefix(parent))
	defer watch.Stop()
	keys := c.Bucket.Keys(c.Type.KeyPrefix(parent))
	existing := make(map[string]bool, len(keys))
	for _, key := range keys {
		existing[key] = true
	}
	for key := range known {
		if existing[key] {
			continue
		}
		delete(known, key)
		if err := send(c.deleted(key)); err != nil {
			return err
		}
	}
	for _, key := range keys {
		record, ok := c.Bucket.Get(key)
		if !ok {
			continue // The watch reports the deletion.
		}
		if err := c.sendChange(store.Change{Key: key, Record: &record}, match, known, send); err != nil {
			return err
		}
	}
	if err := send(Change[R]{Synced: true}); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case change, ok := <-watch.C:
			if !ok {
				return nil
			}
			if err := c.sendChange(change, match, known, send); err != nil {
				return err
			}
		}
	}
}

// sendChange sends one change. An object that no longer matches the filter counts as deleted.
func (c *Collection[R]) sendChange(change store.Change, match *filter.Filter, known map[string]bool, send func(Change[R]) error) error {
	if change.Record != nil {
		r, err := object.Unpack[R](change.Record.Record, change.Record.Revision)
		if err != nil {
			return err
		}
		if match.Match(r) {
			known[change.Key] = true
			return send(Change[R]{Resource: r})
		}
	}
	if !known[change.Key] {
		return nil
	}
	delete(known, change.Key)
	return send(c.deleted(change.Key))
}

func (c *Collection[R]) deleted(key string) Change[R] {
	r := empty[R]()
	object.SetString(r, "name", c.Type.Name(key))
	return Change[R]{Resource: r, Deleted: true}
}

func (c *Collection[R]) filter(text string) (*filter.Filter, error) {
	return filter.Parse(strings.TrimSpace(text), empty[R]().ProtoReflect().Descriptor())
}

func empty[R object.Object]() R {
	var none R
	return none.ProtoReflect().New().Interface().(R)
}
