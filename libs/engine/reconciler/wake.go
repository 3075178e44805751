package reconciler

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/store"
)

// WakeReferenced wakes the resource that a record of another service named, once
// that record is gone: what was held for it may go on.
func WakeReferenced(foreign *store.Bucket, noun object.Type, field protoreflect.Name) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		if change.Record != nil || change.Before == nil {
			return nil
		}
		key, err := noun.Key(object.ReferenceIn(*change.Before, field))
		if err != nil {
			return nil
		}
		return []string{key}
	}}
}

// WakeReferrers wakes the records that name a resource of another service
// whenever that changes: what they waited for may be there.
func WakeReferrers(foreign *store.Bucket, noun object.Type, referrers *object.Referrers) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		return referrers.Keys(noun.Name(change.Key))
	}}
}
