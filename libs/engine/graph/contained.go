package graph

// Contained is implemented by resources that AWS deletes together with one of their dependencies,
// such as a route with its table. When the whole ledger is deleted, no call is made for them:
// their entries are removed once the container is gone. Otherwise they are deleted like any other
// resource.
type Contained interface {
	// Container returns the resource type of the dependency that contains the resource. holds
	// means that AWS keeps the other dependencies of the resource while the container exists: a
	// security group whose rules name another group keeps that group.
	Container() (resourceType string, holds bool)
}

// removal is the order in which entries are deleted.
type removal struct {
	entries []Entry
	// after holds, by name, the names of the resources that must be gone first.
	after map[string][]string
	// container holds, by name, the container that a contained resource is deleted with.
	container map[string]string
}

// plan orders the deletion of entries: each one after its dependents, and, if everything is
// deleted, contained resources with their containers.
func (w Walk) plan(entries []Entry, everything bool) removal {
	r := removal{entries: entries, after: make(map[string][]string), container: make(map[string]string)}
	for _, e := range entries {
		for _, need := range e.Needs {
			r.after[need] = append(r.after[need], e.Name)
		}
	}
	if !everything {
		return r
	}
	for _, e := range entries {
		empty := w.Factories[TypeOf(e.Name)]
		if empty == nil {
			continue
		}
		if contained, ok := empty().(Contained); ok {
			r.contain(e, contained)
		}
	}
	return r
}

// contain lets AWS delete e with its container, unless that would close a cycle, as with security
// groups that refer to each other.
func (r removal) contain(e Entry, contained Contained) {
	resourceType, holds := contained.Container()
	container := r.find(e.Needs, resourceType)
	if container == "" || e.State == Absent || e.State == Refused {
		return
	}
	for _, need := range e.Needs {
		if holds && need != container && r.waits(container, need) {
			return
		}
	}
	for _, before := range r.after[e.Name] {
		if r.waits(before, container) {
			return
		}
	}
	r.after[container] = append(r.after[container], r.after[e.Name]...)
	for _, need := range e.Needs {
		r.after[need] = without(r.after[need], e.Name)
		if holds && need != container {
			r.after[need] = append(r.after[need], container)
		}
	}
	r.after[e.Name] = append(r.after[e.Name], container)
	r.container[e.Name] = container
}

// find returns the first of these names that has the resource type and is deleted too.
func (r removal) find(names []string, resourceType string) string {
	for _, name := range names {
		for _, e := range r.entries {
			if e.Name == name && TypeOf(name) == resourceType {
				return name
			}
		}
	}
	return ""
}

// waits reports whether one resource waits for the other, directly or indirectly.
func (r removal) waits(one, other string) bool {
	seen := make(map[string]bool)
	var search func(name string) bool
	search = func(name string) bool {
		for _, before := range r.after[name] {
			if before == other {
				return true
			}
			if !seen[before] {
				seen[before] = true
				if search(before) {
					return true
				}
			}
		}
		return false
	}
	return search(one)
}

func without(names []string, name string) []string {
	var others []string
	for _, other := range names {
		if other != name {
			others = append(others, other)
		}
	}
	return others
}
