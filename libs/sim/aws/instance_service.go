package aws

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// AddInstances adds the resource types and operations of instances and their volumes to EC2.
func AddInstances(s *engine.Service) {
	s.Quotas["VCPUsPerRegion"] = 4096 // AWS: 5, raised with use; includes spot instances
	s.Quotas["LaunchTemplatesPerRegion"] = 5000
	s.AddTypes(instances, reservations, launchTemplates, launchTemplateVersions, volumes)
	engine.OnRestart(s, instances, func(c *engine.Call, r *engine.Resource[instance]) {
		if r.Deleting() {
			scheduleRelease(c, r)
		}
	})
	engine.OnRestart(s, volumes, func(c *engine.Call, r *engine.Resource[volume]) {
		if !r.Data.DetachedAt.IsZero() {
			scheduleDetach(c, r)
		}
	})
	handleImage(s)
	handleInstanceType(s)
	handleRunInstances(s)
	handleTerminateInstances(s)
	handleInstance(s)
	handleInstanceAttribute(s)
	handleInstanceStatus(s)
	handleLaunchTemplate(s)
	handleLaunchTemplateVersion(s)
	handleVolume(s)
	handleVolumeAttachment(s)
}
