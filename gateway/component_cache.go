package gateway

import (
	"sync"
	"weak"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// componentCache is what is known of the parts of one kind, from a mirror. The status of a
// cluster is written anew for every change of any of its parts, so what a part was
// decoded to is kept until it changes or garbage is collected. Nobody may change it.
type componentCache[R object.Object] struct {
	mirror     *store.Bucket
	objectType object.Type

	mu   sync.Mutex
	seen map[string]weak.Pointer[cachedComponent[R]]
}

// cachedComponent is a part as it was at a revision.
type cachedComponent[R object.Object] struct {
	revision uint64
	part     R
}

// find returns the part of a name, or the zero value if it is not there.
func (s *componentCache[R]) find(name string) (R, bool) {
	var none R
	key, err := s.objectType.Key(name)
	if err != nil {
		return none, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	revision, ok := s.mirror.Revision(key)
	if !ok {
		delete(s.seen, key)
		return none, false
	}
	if last := s.seen[key].Value(); last != nil && last.revision == revision {
		return last.part, true
	}
	record, ok := s.mirror.Get(key)
	if !ok {
		return none, false
	}
	part, err := object.Unpack[R](record.Record, record.Revision)
	if err != nil {
		return none, false
	}
	if s.seen == nil {
		s.seen = make(map[string]weak.Pointer[cachedComponent[R]])
	}
	s.seen[key] = weak.Make(&cachedComponent[R]{revision: record.Revision, part: part})
	return part, true
}
