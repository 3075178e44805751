package fault

import "fmt"

// InvalidFields is a request with bad fields. It names every one of them.
func InvalidFields(fields ...Field) *Fault {
	return &Fault{Kind: Invalid, Class: Configuration, Message: "the request is not valid", Fields: fields,
		Remedy: "Mend the named fields and send the request again; nothing was changed."}
}

// Invalidf is a request that could never be carried out.
func Invalidf(format string, args ...any) *Fault {
	return &Fault{Kind: Invalid, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Mend the request and send it again; nothing was changed."}
}

// NotFoundf is about something that does not exist.
func NotFoundf(format string, args ...any) *Fault {
	return &Fault{Kind: NotFound, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Check the name; list the collection to see what there is."}
}

// Existsf is about something that exists already.
func Existsf(format string, args ...any) *Fault {
	return &Fault{Kind: Exists, Class: Configuration, Message: fmt.Sprintf(format, args...),
		Remedy: "Choose another name, or change what exists."}
}

// Conflictf is about a write to a version that is not current any more.
func Conflictf(format string, args ...any) *Fault {
	return &Fault{Kind: Conflict, Class: Transient, Message: fmt.Sprintf(format, args...),
		Remedy: "Read the resource again, make the change to what it is now, and send it with its etag."}
}

// Preconditionf is about a request that could be carried out in another state.
func Preconditionf(remedy, format string, args ...any) *Fault {
	return &Fault{Kind: Precondition, Class: Dependency, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}

// Deniedf is about a caller who may not do this.
func Deniedf(format string, args ...any) *Fault {
	return &Fault{Kind: Denied, Class: Permission, Message: fmt.Sprintf(format, args...),
		Remedy: "Ask an administrator of the organization for the role."}
}

// Unauthenticatedf is about a caller who is not known.
func Unauthenticatedf(format string, args ...any) *Fault {
	return &Fault{Kind: Unauthenticated, Class: Auth, Message: fmt.Sprintf(format, args...),
		Remedy: "Send the token in the header `authorization: Bearer <token>`; locally it is in .skep/admin.token."}
}

// Unavailablef is about something that may well work the next time.
func Unavailablef(format string, args ...any) *Fault {
	return &Fault{Kind: Unavailable, Class: Transient, Message: fmt.Sprintf(format, args...),
		Remedy: "Try again in a few seconds."}
}

// Waitingf is about something that another resource must provide first.
func Waitingf(format string, args ...any) *Fault {
	return &Fault{Kind: Unavailable, Class: Dependency, Message: fmt.Sprintf(format, args...),
		Remedy: "Nothing to do: it goes on by itself as soon as the other resource is there."}
}
