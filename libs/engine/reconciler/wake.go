package reconciler

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/store"
)

// WakeReferenced wakes the object that a record of another service referenced, once that record is
// deleted: it may have been the delete blocker of the object.
func WakeReferenced(foreign *store.Bucket, objectType object.Type, field protoreflect.Name) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		if change.Record != nil || change.Before == nil {
			return nil
		}
		key, err := objectType.Key(object.ReferenceIn(*change.Before, field))
		if err != nil {
			return nil
		}
		return []string{key}
	}}
}

// WakeReferrers wakes the records that reference an object of another service whenever that object
// changes: it may now provide the value that they wait for. Objects of other types in the bucket
// wake none.
func WakeReferrers(foreign *store.Bucket, objectType object.Type, referrers *object.Referrers) queue.Wake {
	return queue.Wake{Bucket: foreign, Keys: func(change store.Change) []string {
		if !strings.HasPrefix(change.Key, objectType.KeyPrefix("")) {
			return nil
		}
		return referrers.Keys(objectType.Name(change.Key))
	}}
}
