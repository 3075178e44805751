// Package sts is the Security Token Service: AssumeRole for roles that tests provide, and GetCallerIdentity.
//
// Its credentials work in all simulated services until they expire. Only packages below libs/sim/aws may import it; it
// imports iam.
package sts
