package fault

// Kind is the category of a fault that API callers see; grpc.go maps it to a gRPC code.
type Kind int

// The kinds.
const (
	// Internal is an error of Skep itself.
	Internal Kind = iota
	// Invalid is a request that is invalid in every state.
	Invalid
	// NotFound means that the named object does not exist.
	NotFound
	// Exists means that an object of that name exists already.
	Exists
	// Conflict is a write that is based on an old version of the object.
	Conflict
	// Precondition is a request that the current state does not allow.
	Precondition
	// Denied is a request that the caller is not authorized for.
	Denied
	// Unauthenticated is a request without valid credentials.
	Unauthenticated
	// Exhausted means that a quota or a rate is used up.
	Exhausted
	// Unavailable is a temporary error: a retry may succeed.
	Unavailable
)

// Class is the category of a fault by cause. The classes follow the error codes of Gardener.
type Class int

// The classes. Their numbers are those of skep.type.v1.Fault.Class.
const (
	// Unclassified is an error of unknown cause.
	Unclassified Class = iota
	// Auth means that credentials are missing, expired or wrong.
	Auth
	// Permission means that valid credentials lack a permission.
	Permission
	// Quota means that a quota of the account is used up.
	Quota
	// Rate means that AWS throttles calls, or that a call waits for its API budget.
	Rate
	// Capacity means that AWS has no capacity for a resource in a zone.
	Capacity
	// Dependency means that another resource is still in use, or not ready yet.
	Dependency
	// Configuration means that the desired state cannot be created.
	Configuration
	// Transient is a temporary error: a retry may succeed.
	Transient
)

// Actor is who can end a fault.
type Actor int

// The actors. Their numbers are those of skep.type.v1.Fault.Actor.
const (
	// ActorUnknown means that the actor is unknown.
	ActorUnknown Actor = iota
	// User declares the objects.
	User
	// AccountAdministrator administers the AWS account: quotas, roles, regions.
	AccountAdministrator
	// Operator runs Skep: services, NATS, credentials.
	Operator
	// ActorNone means that Skep retries automatically and needs no action.
	ActorNone
)

// Actor returns who can end a fault of this class.
func (c Class) Actor() Actor {
	switch c {
	case Auth, Permission, Quota:
		return AccountAdministrator
	case Configuration:
		return User
	case Rate, Capacity, Dependency, Transient:
		return ActorNone
	case Unclassified:
	}
	return ActorUnknown
}
