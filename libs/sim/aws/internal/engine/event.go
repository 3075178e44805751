package engine

// Event names something that happens to a resource of one service and that another service reacts to. It lets a service
// affect one that depends on it: EC2 emits events of instances, and Auto Scaling reacts.
type Event string

// On makes the service react to an event. react runs at once, as part of the call that emits the event.
func (s *Service) On(event Event, react func(c *Call, id string)) {
	if s.reactions == nil {
		s.reactions = map[Event][]func(*Call, string){}
	}
	s.reactions[event] = append(s.reactions[event], react)
}

// Emit runs the reactions of all services to an event of the resource with the id.
func (c *Call) Emit(event Event, id string) {
	for _, react := range c.engine.catalog.reactions[event] {
		react(c, id)
	}
}
