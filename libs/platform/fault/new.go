package fault

import "fmt"

// InvalidFields returns the fault of a request with invalid fields. Pass all of them at once.
func InvalidFields(fields ...Field) *Fault {
	return &Fault{Kind: Invalid, Class: Configuration, Message: "the request is not valid", Fields: fields,
		Remedy: "Correct the named fields and send the request again. Nothing was changed."}
}

// Invalidf returns the fault of a request that is invalid in every state.
func Invalidf(format string, args ...any) *Fault {
	return &Fault{Kind: Invalid, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Correct the request and send it again. Nothing was changed."}
}

// NotFoundf returns the fault of a request for an object that does not exist.
func NotFoundf(format string, args ...any) *Fault {
	return &Fault{Kind: NotFound, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Check the name: a list of the collection shows the existing names."}
}

// Existsf returns the fault of a create whose name is taken.
func Existsf(format string, args ...any) *Fault {
	return &Fault{Kind: Exists, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Choose another name, or update the existing object."}
}

// Conflictf returns the fault of a write that is based on an old version of the object.
func Conflictf(format string, args ...any) *Fault {
	return &Fault{Kind: Conflict, Class: Transient, Message: fmt.Sprintf(format, args...),
		Remedy: "Read the object again, repeat the change, and send it with the new etag."}
}

// Preconditionf returns the fault of a request that the current state does not allow.
func Preconditionf(remedy, format string, args ...any) *Fault {
	return &Fault{Kind: Precondition, Class: Dependency, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}

// Deniedf returns the fault of a request that the caller is not authorized for.
func Deniedf(format string, args ...any) *Fault {
	return &Fault{Kind: Denied, Class: Permission, Message: fmt.Sprintf(format, args...),
		Remedy: "Ask an administrator of the organization for a role with this permission."}
}

// Unauthenticatedf returns the fault of a request without valid credentials.
func Unauthenticatedf(format string, args ...any) *Fault {
	return &Fault{Kind: Unauthenticated, Class: Auth, Message: fmt.Sprintf(format, args...),
		Remedy: "Send the token in the header `authorization: Bearer <token>`; locally it is in .skep/admin.token."}
}

// Unavailablef returns the fault of a temporary error.
func Unavailablef(format string, args ...any) *Fault {
	return &Fault{Kind: Unavailable, Class: Transient, Message: fmt.Sprintf(format, args...),
		Remedy: "Try again in a few seconds."}
}

// Waitingf returns the fault of a wait for a value of another object.
func Waitingf(format string, args ...any) *Fault {
	return &Fault{Kind: Unavailable, Class: Dependency, Message: fmt.Sprintf(format, args...),
		Remedy: "Nothing to do: Skep continues automatically when the other object is ready."}
}
