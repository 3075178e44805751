package fault

// Kind says how a caller of the API sees a fault.
type Kind int

// The kinds, each with the gRPC code it becomes in grpc.go.
const (
	// Internal is a fault of Skep's own.
	Internal Kind = iota
	// Invalid is a request that could never be carried out.
	Invalid
	// NotFound names something that does not exist.
	NotFound
	// Exists names something that exists already.
	Exists
	// Conflict is a write to a version that is not current any more.
	Conflict
	// Precondition is a request that could be carried out in another state.
	Precondition
	// Denied is a caller who may not do this.
	Denied
	// Unauthenticated is a caller who is not known.
	Unauthenticated
	// Exhausted is a quota or a rate that is used up.
	Exhausted
	// Unavailable is something that may well work the next time.
	Unavailable
)

// Class says what kind of trouble a fault is. The classes follow Gardener's
// error codes.
type Class int

// The classes; see skep.type.v1.Fault.Class, whose numbers they share.
const (
	// Unclassified is trouble of an unknown kind.
	Unclassified Class = iota
	// Auth is about credentials that are missing, expired or wrong.
	Auth
	// Permission is about good credentials that may not do this.
	Permission
	// Quota is about a quota of the account.
	Quota
	// Rate is about AWS asking to slow down.
	Rate
	// Capacity is about AWS having none of this kind in this place.
	Capacity
	// Dependency is about something else being in the way or not there yet.
	Dependency
	// Configuration is about a declaration that cannot be built.
	Configuration
	// Transient is about what may well work the next time.
	Transient
)

// Actor says who can end a trouble.
type Actor int

// The actors; see skep.type.v1.Fault.Actor, whose numbers they share.
const (
	// ActorUnknown is an actor who is not known.
	ActorUnknown Actor = iota
	// User is whoever declared the resource.
	User
	// AccountAdministrator is whoever administers the AWS account.
	AccountAdministrator
	// Operator is whoever operates Skep.
	Operator
	// ActorNone needs to act: Skep tries again by itself.
	ActorNone
)

// Actor says who can end a trouble of this class.
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
