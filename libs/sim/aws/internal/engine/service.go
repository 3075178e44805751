package engine

import "fmt"

// Service describes one AWS service. The package of the service fills it, with Handle, AddTypes and OnRestart.
type Service struct {
	ID string // the SDK's service id, such as "EC2"

	// Quotas are the default service quotas by name. Options.Quotas overrides them.
	Quotas map[string]int

	// Limits returns the token buckets that a call draws on. Nil means that the service publishes none.
	Limits func(operation string, mutating bool, in any) []Limit

	// Throttled is the error for a call that finds a bucket empty. Nil means the code Throttling.
	Throttled error

	// UnknownKey is the error for an access key that does not exist. Nil means the code InvalidClientTokenId.
	UnknownKey error

	// ARN returns the name and the resource type ("ec2:vpc") under which the tagging API lists a resource of this
	// service, or empty strings if it does not list it. Nil means that it lists none.
	ARN func(e *LedgerEntry, t Type) (arn, resourceType string)

	handlers  map[string]handler
	types     []AnyType
	resumers  []func(*Engine)
	reactions map[Event][]func(*Call, string)
}

// AddTypes makes the engine keep resources of these types: in tables, in the journal and in the ledger.
func (s *Service) AddTypes(types ...AnyType) { s.types = append(s.types, types...) }

// OnRestart calls resume for every resource of a type after the engine has read its journal. Services use it to
// schedule the effects that were pending.
func OnRestart[T Attributes](s *Service, t *ResourceType[T], resume func(*Call, *Resource[T])) {
	s.resumers = append(s.resumers, func(e *Engine) {
		for _, at := range e.scopesOf(t.Name) {
			c := e.newCall(ByAWS, at)
			for _, r := range t.table(e, at).ordered {
				resume(c, r)
			}
		}
	})
}

// Catalog is the set of services that an engine simulates. It does not change.
type Catalog struct {
	services  map[string]*Service
	types     map[string]AnyType
	quotas    map[string]int
	resumers  []func(*Engine)
	reactions map[Event][]func(*Call, string)
}

// NewCatalog panics if two services or two resource types have the same name.
func NewCatalog(services ...*Service) *Catalog {
	own := &Service{ID: "", Quotas: map[string]int{tagQuota: 50}}
	own.AddTypes(sessions, settings)
	k := &Catalog{services: map[string]*Service{}, types: map[string]AnyType{}, quotas: map[string]int{}, reactions: map[Event][]func(*Call, string){}}
	for _, s := range append(services, own) {
		if _, exists := k.services[s.ID]; exists {
			panic(fmt.Sprintf("awssim: service %s is listed twice", s.ID))
		}
		k.services[s.ID] = s
		for name, limit := range s.Quotas {
			k.quotas[name] = limit
		}
		for _, t := range s.types {
			name := t.Info().Name
			if _, exists := k.types[name]; exists {
				panic(fmt.Sprintf("awssim: resource type %s is listed twice", name))
			}
			k.types[name] = t
		}
		k.resumers = append(k.resumers, s.resumers...)
		for event, reactions := range s.reactions {
			k.reactions[event] = append(k.reactions[event], reactions...)
		}
	}
	return k
}

// Simulates reports whether a service of the catalog has the operation.
func (k *Catalog) Simulates(operation string) bool {
	for _, s := range k.services {
		if _, ok := s.handlers[operation]; ok {
			return true
		}
	}
	return false
}

// handler returns the handler of an operation. It panics if the operation is not simulated.
func (k *Catalog) handler(service, operation string) handler {
	if s, ok := k.services[service]; ok {
		if h, ok := s.handlers[operation]; ok {
			return h
		}
	}
	panic(fmt.Sprintf("awssim: %s %s is not simulated", service, operation))
}
