package manifests

import (
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// Check returns what is wrong with the manifests of a folder, by file.
func Check(files map[string][]byte) (problems []string) {
	s := &set{configs: map[string]*corev1.ConfigMap{}, secrets: map[string]*corev1.Secret{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s.decode(name, files[name])
	}
	for _, w := range s.workloads {
		s.security(w)
		s.references(w)
		s.probes(w)
		if !slices.ContainsFunc(s.policies, func(p *networkingv1.NetworkPolicy) bool {
			return selector(&p.Spec.PodSelector).Matches(labels.Set(w.pod.Labels))
		}) {
			s.problem("%s: no NetworkPolicy selects its pods", w.Name)
		}
		if w.service != "" && !slices.ContainsFunc(s.services, func(o *corev1.Service) bool { return o.Name == w.service }) {
			s.problem("%s: there is no Service %s", w.Name, w.service)
		}
	}
	for _, o := range s.services {
		for _, port := range o.Spec.Ports {
			s.target("Service "+o.Name, labels.SelectorFromSet(o.Spec.Selector), port.TargetPort)
		}
	}
	for _, o := range s.budgets {
		s.target("PodDisruptionBudget "+o.Name, selector(o.Spec.Selector), intstr.IntOrString{})
	}
	for _, o := range s.policies {
		s.policy(o)
	}
	for _, o := range s.ingresses {
		s.ingress(o)
	}
	return s.problems
}

// security reports what Kubernetes' standard "restricted" forbids, and what else a pod of ours must not have.
func (s *set) security(w workload) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	results := evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &w.pod.ObjectMeta, &w.pod.Spec)
	if all := policy.AggregateCheckResults(results); !all.Allowed {
		s.problem("%s: %s", w.Name, all.ForbiddenDetail())
	}
	if mounts := w.pod.Spec.AutomountServiceAccountToken; mounts == nil || *mounts {
		s.problem("%s: it mounts a token of its service account", w.Name)
	}
	for _, c := range w.pod.Spec.Containers {
		if c.SecurityContext == nil || c.SecurityContext.ReadOnlyRootFilesystem == nil || !*c.SecurityContext.ReadOnlyRootFilesystem {
			s.problem("%s: its root file system can be written", w.Name)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			s.problem("%s: it has no requests or no limit of memory", w.Name)
		}
		if c.LivenessProbe == nil || c.ReadinessProbe == nil {
			s.problem("%s: a probe is missing", w.Name)
		}
		if _, tag, ok := strings.Cut(c.Image, ":"); !ok || tag == "latest" {
			s.problem("%s: its image has no version", w.Name)
		}
	}
}

// references reports ConfigMaps, Secrets, keys and volumes that don't exist.
func (s *set) references(w workload) {
	volumes := map[string]bool{}
	for _, v := range w.pod.Spec.Volumes {
		volumes[v.Name] = true
		if v.ConfigMap != nil && s.configs[v.ConfigMap.Name] == nil {
			s.problem("%s: there is no ConfigMap %s", w.Name, v.ConfigMap.Name)
		}
	}
	for _, c := range w.claims {
		volumes[c.Name] = true
	}
	for _, c := range w.pod.Spec.Containers {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				s.problem("%s: there is no volume %s", w.Name, m.Name)
			}
		}
		before := map[string]bool{}
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				ref := e.ValueFrom.SecretKeyRef
				if secret := s.secrets[ref.Name]; secret == nil {
					s.problem("%s: there is no Secret %s", w.Name, ref.Name)
				} else if _, ok := secret.StringData[ref.Key]; !ok {
					s.problem("%s: the Secret %s has no key %s", w.Name, ref.Name, ref.Key)
				}
			}
			for _, rest := range strings.Split(e.Value, "$(")[1:] {
				if name, _, _ := strings.Cut(rest, ")"); !before[name] {
					s.problem("%s: %s uses %s, which no variable above it has", w.Name, e.Name, name)
				}
			}
			before[e.Name] = true
		}
	}
}

const (
	drain  = 3 * time.Second // for requests in flight, after the shutdown delay
	margin = 5 * time.Second // for what takes longer than planned
)

// probes reports times that don't fit together, and ports of the configuration that the container doesn't have.
func (s *set) probes(w workload) {
	for _, c := range w.pod.Spec.Containers {
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
			if probe != nil && probe.HTTPGet != nil && !hasPort(c, probe.HTTPGet.Port) {
				s.problem("%s: a probe uses port %s, which the container doesn't have", w.Name, probe.HTTPGet.Port.String())
			}
		}
		config := s.configs[w.Name]
		if config == nil || c.ReadinessProbe == nil {
			continue
		}
		var file struct {
			Listen, Admin string
			ShutdownDelay metav1.Duration `json:"shutdown_delay"`
			DataDir       string          `json:"data_dir"`
		}
		if err := yaml.Unmarshal([]byte(config.Data["waitboard.yaml"]), &file); err != nil {
			s.problem("%s: waitboard.yaml: %v", config.Name, err)
			continue
		}
		for name, address := range map[string]string{"http": file.Listen, "admin": file.Admin} {
			if !hasPort(c, intstr.FromString(name)) || !hasPort(c, intstr.Parse(strings.TrimPrefix(address, ":"))) {
				s.problem("%s: the configuration listens on %q, the port %s does not", w.Name, address, name)
			}
		}
		delay, grace := file.ShutdownDelay.Duration, time.Duration(*w.pod.Spec.TerminationGracePeriodSeconds)*time.Second
		if grace < delay+drain+margin {
			s.problem("%s: it is killed %v after SIGTERM, while shutdown_delay is %v", w.Name, grace, delay)
		}
		r := c.ReadinessProbe
		if noticed := time.Duration(r.PeriodSeconds*r.FailureThreshold) * time.Second; len(w.claims) == 0 && delay < noticed+time.Second {
			s.problem("%s: shutdown_delay is %v, and the readiness probe fails after %v", w.Name, delay, noticed)
		}
		if file.DataDir != "" && !slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
			return strings.HasPrefix(file.DataDir, m.MountPath+"/") && !m.ReadOnly
		}) {
			s.problem("%s: data_dir is on no volume", w.Name)
		}
	}
}

// policy reports a NetworkPolicy that selects no pod, or names ports and pods that don't exist.
func (s *set) policy(p *networkingv1.NetworkPolicy) {
	name := "NetworkPolicy " + p.Name
	if !slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) || !slices.Contains(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
		s.problem("%s: it must limit both directions", name)
	}
	for _, rule := range p.Spec.Ingress {
		for _, port := range rule.Ports {
			s.target(name, selector(&p.Spec.PodSelector), *port.Port)
		}
	}
	s.target(name, selector(&p.Spec.PodSelector), intstr.IntOrString{})
	for _, rule := range p.Spec.Egress {
		for _, to := range rule.To {
			if to.PodSelector == nil || to.NamespaceSelector != nil {
				continue
			}
			for _, port := range rule.Ports {
				s.target(name, selector(to.PodSelector), *port.Port)
			}
		}
	}
}

// ingress reports paths that lead to no Service.
func (s *set) ingress(o *networkingv1.Ingress) {
	for _, rule := range o.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			to := path.Backend.Service
			if !slices.ContainsFunc(s.services, func(o *corev1.Service) bool {
				return o.Name == to.Name && slices.ContainsFunc(o.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == to.Port.Name })
			}) {
				s.problem("Ingress %s: there is no Service %s with the port %s", o.Name, to.Name, to.Port.Name)
			}
		}
	}
}

// target reports that no pod matches, or one without the port, unless that is zero.
func (s *set) target(name string, by labels.Selector, port intstr.IntOrString) {
	matched := false
	for _, w := range s.workloads {
		if !by.Matches(labels.Set(w.pod.Labels)) {
			continue
		}
		matched = true
		if port != (intstr.IntOrString{}) && !slices.ContainsFunc(w.pod.Spec.Containers, func(c corev1.Container) bool { return hasPort(c, port) }) {
			s.problem("%s: %s has no port %s", name, w.Name, port.String())
		}
	}
	if !matched {
		s.problem("%s: it selects no pods", name)
	}
}

func hasPort(c corev1.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
		return port.Type == intstr.String && p.Name == port.StrVal || port.Type == intstr.Int && p.ContainerPort == port.IntVal
	})
}

func selector(from *metav1.LabelSelector) labels.Selector {
	by, err := metav1.LabelSelectorAsSelector(from)
	if err != nil {
		return labels.Nothing()
	}
	return by
}
