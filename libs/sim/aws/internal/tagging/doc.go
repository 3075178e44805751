// Package tagging is the Resource Groups Tagging API: GetResources over the resources of all services.
//
// It lists what the services give an ARN, late after a create and for a while after a delete. Only packages below
// libs/sim/aws may import it; it imports no other service.
package tagging
