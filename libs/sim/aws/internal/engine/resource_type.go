package engine

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Type describes a resource type.
type Type struct {
	Service string // the SDK's service id
	Name    string // as the ledger and Engine.String show it: "NatGateway"
	Noun    string // as AWS names it in errors: "vpc ID"
	Prefix  string // of ids: "vpc" for vpc-0123456789abcdef0; "" if ids are names or ARNs
	TagType string // as EC2 names it in tag specifications: "vpc"; "" if EC2 cannot tag it

	NotFound  string // error code for an unknown id: "InvalidVpcID.NotFound"
	Malformed string // error code for text that cannot be an id: "InvalidVpcId.Malformed"; "" means NotFound

	Global bool // one table for each account instead of each region
	Shared bool // one table for all accounts
	Hidden bool // excluded from the ledger and from Engine.String
}

// ResourceType gives access to the resources of one type. Each type has one package variable, made by NewType.
type ResourceType[T Attributes] struct{ Type }

// NewType returns a resource type. The engine keeps its resources once Service.AddTypes has added it.
func NewType[T Attributes](t Type) *ResourceType[T] { return &ResourceType[T]{t} }

// Info returns the description of the type.
func (t *ResourceType[T]) Info() Type { return t.Type }

// scope is where a call finds resources of the type.
func (t *ResourceType[T]) scope(c *Call) Scope {
	switch {
	case t.Shared:
		return Scope{}
	case t.Global:
		return Scope{c.Account, Global}
	}
	return Scope{c.Account, c.Region}
}

// Create adds a resource. An empty id means a new id with the prefix of the type. A caller that changes the resource
// afterward calls Put.
func (t *ResourceType[T]) Create(c *Call, id string, data T, tags map[string]string) *Resource[T] {
	c.AdvanceSerial()
	if id == "" {
		id = t.Prefix + "-0" + c.Serial(t.Prefix, 16)
	}
	r := &Resource[T]{
		Metadata: Metadata{ID: id, Seq: c.engine.seq, Tags: tags, CreatedAt: c.Now(), CreatedBy: c.Principal}, Data: data,
	}
	t.Put(c, r)
	return r
}

// Put stores the current values of a resource.
func (t *ResourceType[T]) Put(c *Call, r *Resource[T]) {
	at := t.scope(c)
	t.table(c.engine, at).put(r)
	t.note(c.engine, at, r)
	if c.engine.journal != nil {
		c.changes = append(c.changes, change{Type: t.Name, Scope: at, Put: encode(r)})
	}
}

// Delete removes a resource at once. For a resource that stays visible, set DeletedAt and GoneAt and call Put instead.
func (t *ResourceType[T]) Delete(c *Call, r *Resource[T]) {
	at := t.scope(c)
	t.table(c.engine, at).drop(r)
	r.DeletedAt = c.Now()
	t.note(c.engine, at, r)
	c.changes = append(c.changes, change{Type: t.Name, Scope: at, Delete: r.ID, At: c.Now()})
}

// note updates the entry of a resource in the ledger.
func (t *ResourceType[T]) note(e *Engine, at Scope, r *Resource[T]) {
	if !t.Hidden {
		e.ledger.note(t.Name, at, &r.Metadata, r.Name())
	}
}

var hexadecimal = regexp.MustCompile(`^([0-9a-f]{8}|[0-9a-f]{17})$`)

// WellFormed reports whether text is an id with the prefix, followed by 8 or 17 hexadecimal digits.
func WellFormed(prefix, text string) bool {
	rest, ok := strings.CutPrefix(text, prefix+"-")
	return ok && hexadecimal.MatchString(rest)
}

// Get returns the visible resource with the id, or the error of AWS if there is none. Reads do not find a resource that
// is younger than Options.Lag.
func (t *ResourceType[T]) Get(c *Call, id *string) (*Resource[T], error) {
	if id == nil || *id == "" {
		return nil, MissingParameter(t.Noun)
	}
	if t.Prefix != "" && !WellFormed(t.Prefix, *id) {
		return nil, Refuse(cmp.Or(t.Malformed, t.NotFound), "Invalid id: %q", *id)
	}
	r, ok := t.Visible(c, *id)
	if !ok {
		return nil, Refuse(t.NotFound, "The %s '%s' does not exist", t.Noun, *id)
	}
	return r, nil
}

// Visible finds the resource with the id if the call may see it: it is not gone, and a read does not lag behind it.
func (t *ResourceType[T]) Visible(c *Call, id string) (*Resource[T], bool) {
	r, ok := t.Find(c, id)
	return r, ok && t.visible(c, r)
}

// Find finds the resource with the id in any state; it ignores the lag.
func (t *ResourceType[T]) Find(c *Call, id string) (*Resource[T], bool) {
	r, ok := t.table(c.engine, t.scope(c)).byID[id]
	return r, ok
}

// Exists reports whether there is a resource with the id that is not deleted.
func (t *ResourceType[T]) Exists(c *Call, id string) bool {
	r, ok := t.Find(c, id)
	return ok && !r.Deleted(c.Now())
}

// List returns the visible resources in order of creation, including deleted ones that are not gone yet.
func (t *ResourceType[T]) List(c *Call) []*Resource[T] {
	return t.onlyVisible(c, t.table(c.engine, t.scope(c)).ordered)
}

// OwnedBy returns the visible resources of one owner that are not deleted, in order of creation.
func (t *ResourceType[T]) OwnedBy(c *Call, owner string) []*Resource[T] {
	visible := t.onlyVisible(c, t.table(c.engine, t.scope(c)).byOwner[owner])
	return slices.DeleteFunc(visible, func(r *Resource[T]) bool { return r.Deleted(c.Now()) })
}

func (t *ResourceType[T]) onlyVisible(c *Call, resources []*Resource[T]) []*Resource[T] {
	visible := make([]*Resource[T], 0, len(resources))
	for _, r := range resources {
		if t.visible(c, r) {
			visible = append(visible, r)
		}
	}
	return visible
}

func (t *ResourceType[T]) visible(c *Call, r *Resource[T]) bool {
	if r.Gone(c.Now()) {
		return false
	}
	return c.Mutating || !c.Now().Before(r.CreatedAt.Add(c.engine.scaled(c.engine.options.Lag)))
}
