package gateway

import (
	"sync"
	"weak"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// componentCache finds the components of one object type in a mirror. The status of a
// cluster is rendered again for each change of each of its components, so the cache keeps
// a decoded component until it changes or the garbage collector frees it. Callers must not
// change a component.
type componentCache[R object.Object] struct {
	mirror     *store.Bucket
	objectType object.Type

	mu         sync.Mutex
	components map[string]weak.Pointer[cachedComponent[R]]
}

// cachedComponent is a component at a revision.
type cachedComponent[R object.Object] struct {
	revision  uint64
	component R
}

// find returns the component of a name, and whether the mirror has it.
func (c *componentCache[R]) find(name string) (R, bool) {
	var none R
	key, err := c.objectType.Key(name)
	if err != nil {
		return none, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	revision, ok := c.mirror.Revision(key)
	if !ok {
		delete(c.components, key)
		return none, false
	}
	if cached := c.components[key].Value(); cached != nil && cached.revision == revision {
		return cached.component, true
	}
	record, ok := c.mirror.Get(key)
	if !ok {
		return none, false
	}
	component, err := object.Unpack[R](record.Record, record.Revision)
	if err != nil {
		return none, false
	}
	if c.components == nil {
		c.components = make(map[string]weak.Pointer[cachedComponent[R]])
	}
	c.components[key] = weak.Make(&cachedComponent[R]{revision: record.Revision, component: component})
	return component, true
}
