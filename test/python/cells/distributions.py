# %% distributions: samples, densities, moments
import torch.distributions as D
T=torch.tensor
all_=[D.Normal(T([0.,1.]),T([1.,2.])),D.Normal(0.,1.),D.LogNormal(T([0.,1.]),1.),D.Laplace(T([0.,1.]),2.),D.Cauchy(0.,1.),D.Uniform(T([0.,1.]),T([3.,4.])),D.Exponential(T([1.,2.])),D.Gamma(T([.5,2.]),1.),D.Chi2(T([2.,3.])),D.Beta(T([.5,2.]),T([1.,3.])),D.Beta(2.,3.),D.Dirichlet(T([[1.,2.,3.]])),D.StudentT(T([3.,5.])),D.FisherSnedecor(T([3.]),T([4.])),D.HalfNormal(T([1.,2.])),D.HalfCauchy(T([1.])),D.Gumbel(T([0.,1.]),T([1.,2.])),D.Pareto(T([1.]),T([2.])),D.Weibull(T([1.]),T([2.])),D.Kumaraswamy(T([2.]),T([3.])),D.LogisticNormal(T([0.,1.]),T([1.,1.])),
D.Bernoulli(T([.2,.7])),D.Bernoulli(logits=T([.2,.7])),D.Geometric(T([.2,.7])),D.Binomial(10,T([.2,.7])),D.Binomial(100,logits=T([.2])),D.NegativeBinomial(3.,T([.2,.7])),D.Poisson(T([2.,30.])),D.Categorical(T([[.2,.3,.5],[.1,.1,.8]])),D.Categorical(logits=T([.2,.3,.5])),D.OneHotCategorical(T([.2,.3,.5])),D.Multinomial(10,T([.2,.3,.5])),D.RelaxedBernoulli(T(.5),T([.2,.7])),D.RelaxedOneHotCategorical(T(.5),T([.2,.3,.5])),
D.Independent(D.Normal(torch.zeros(3),torch.ones(3)),1),D.MixtureSameFamily(D.Categorical(torch.ones(3)),D.Normal(T([0.,5.,10.]),torch.ones(3))),D.TransformedDistribution(D.Normal(torch.zeros(2),1.),[D.AffineTransform(1.,2.),D.ExpTransform()])]
for d in all_:
    torch.manual_seed(0)
    s=d.sample((3,)); print(type(d).__name__, d, d.batch_shape, d.event_shape, s)
    try: print('log_prob', d.log_prob(s))
    except NotImplementedError as e: print('NI',e)
    for n in ('mean','variance','stddev','mode'):
        try: print(n, getattr(d,n))
        except (NotImplementedError, AttributeError) as e: print(n, type(e).__name__)
    try: print('entropy', d.entropy())
    except NotImplementedError as e: print('entropy NI')
    try: print('cdf', d.cdf(s.float()))
    except Exception as e: print('cdf', type(e).__name__)
    try: print('icdf', d.icdf(T(.3)))
    except Exception as e: print('icdf', type(e).__name__)
    try: print(d.support, d.has_rsample, d.has_enumerate_support)
    except Exception as e: print(type(e).__name__)
    try: print('exp', d.expand((2,)+tuple(d.batch_shape)).sample().shape, d.expand((2,)+tuple(d.batch_shape)))
    except Exception as e: print('expand', type(e).__name__, e)
    if d.has_enumerate_support: 
        try: print(d.enumerate_support(), d.enumerate_support(False).shape)
        except Exception as e: print(type(e).__name__)
# %% distributions: gradients through draws and densities
import torch.distributions as D
def g(name, mk, *ps, n=4):
    torch.manual_seed(1); ps=[torch.tensor(p,requires_grad=True) for p in ps]; d=mk(*ps); s=d.rsample((n,)); s.pow(2).sum().backward(); print(name, s.grad_fn is not None, [p.grad for p in ps])
    ps=[p.detach().requires_grad_() for p in ps]; d=mk(*ps); l=d.log_prob(s.detach()).sum(); l.backward(); print(l, [p.grad for p in ps])
g('n',D.Normal,[0.,1.],[1.,2.]); g('g',D.Gamma,[.5,2.],[1.,3.]); g('b',D.Beta,[.5,2.],[1.,3.]); g('d',D.Dirichlet,[1.,2.,.3]); g('e',D.Exponential,[1.,2.]); g('l',D.Laplace,[0.,1.],[1.,2.]); g('u',D.Uniform,[0.,1.],[3.,4.]); g('t',lambda df: D.StudentT(df,torch.zeros(2),torch.ones(2)),[3.,5.]); g('ln',D.LogNormal,[0.,.1],[1.,.2]); g('gu',D.Gumbel,[0.,1.],[1.,2.]); g('rb',lambda p: D.RelaxedBernoulli(torch.tensor(.5),p),[.2,.7]); g('chi',D.Chi2,[2.,3.]); g('w',D.Weibull,[1.],[2.]); g('rc',lambda p: D.RelaxedOneHotCategorical(torch.tensor(.5),p),[.2,.3,.5]); g('c',D.Cauchy,[0.],[1.])
x=torch.tensor([.2,.7],requires_grad=True); print(D.Bernoulli(x).log_prob(torch.tensor([1.,0.]))); print(D.Categorical(torch.stack([x,1-x],-1)).log_prob(torch.tensor([1,0]))); print(D.Poisson(x).log_prob(torch.tensor([1.,2.]))); print(D.Normal(x,1.).log_prob(torch.tensor([1.,2.]))); print(D.Gamma(x,1.).log_prob(torch.tensor([1.,2.])), D.Categorical(logits=x).entropy(), D.Bernoulli(logits=x).entropy(), D.Normal(0.,x).entropy(), D.kl_divergence(D.Normal(x,1.),D.Normal(0.,1.)))
# %% divergences between all pairs
import torch.distributions as D
T=torch.tensor
ps={'n':D.Normal(T([0.,1.]),T([1.,2.])),'n2':D.Normal(T([1.,1.]),T([2.,1.])),'b':D.Bernoulli(T([.2,.7])),'b2':D.Bernoulli(T([.5,.5])),'be':D.Beta(T([.5,2.]),T([1.,3.])),'be2':D.Beta(T([1.5,2.]),T([1.,1.])),'g':D.Gamma(T([.5,2.]),T([1.,1.])),'g2':D.Gamma(T([1.,2.]),T([2.,1.])),'e':D.Exponential(T([1.,2.])),'e2':D.Exponential(T([2.,2.])),'u':D.Uniform(T([0.,1.]),T([1.,2.])),'u2':D.Uniform(T([0.,0.]),T([2.,1.5])),'l':D.Laplace(T([0.,1.]),T([1.,1.])),'l2':D.Laplace(T([1.,1.]),T([2.,1.])),'c':D.Categorical(T([.2,.8])),'c2':D.Categorical(T([.5,.5])),'d':D.Dirichlet(T([1.,2.])),'d2':D.Dirichlet(T([2.,2.])),'p':D.Poisson(T([1.,2.])),'p2':D.Poisson(T([2.,2.])),'ge':D.Geometric(T([.2,.7])),'ge2':D.Geometric(T([.5,.5])),'bi':D.Binomial(5,T([.2,.7])),'bi2':D.Binomial(5,T([.5,.5])),'gu':D.Gumbel(T([0.,1.]),T([1.,2.])),'gu2':D.Gumbel(T([1.,1.]),T([1.,1.])),'hn':D.HalfNormal(T([1.,2.])),'hn2':D.HalfNormal(T([2.,2.])),'ln':D.LogNormal(T([0.,1.]),T([1.,2.])),'ln2':D.LogNormal(T([1.,1.]),T([1.,1.])),'oh':D.OneHotCategorical(T([.2,.8])),'in':D.Independent(D.Normal(T([0.,1.]),T([1.,2.])),1),'in2':D.Independent(D.Normal(T([1.,1.]),T([1.,2.])),1),'pa':D.Pareto(T([1.]),T([2.])),'ca':D.Cauchy(T([0.]),T([1.])),'ca2':D.Cauchy(T([1.]),T([2.]))}
for a in ps:
    for b in ps:
        try: r=D.kl_divergence(ps[a],ps[b]); print(a,b,r)
        except NotImplementedError: pass
        except Exception as e: print(a,b,type(e).__name__)
# %% distributions: refusals
import torch.distributions as D
T=torch.tensor
for f in (lambda: D.Normal(0.,-1.), lambda: D.Normal(T([0.,1.]),T([1.,-1.])), lambda: D.Normal(0.,1.).log_prob(3), lambda: D.Categorical(T([.5,.5])).log_prob(T(3)), lambda: D.Uniform(2.,1.), lambda: D.Bernoulli(), lambda: D.Bernoulli(2.), lambda: D.Bernoulli(.2,.3), lambda: D.Categorical(T(.5)), lambda: D.Categorical(T([-.5,.5])), lambda: D.Normal(torch.zeros(2),torch.ones(3)), lambda: D.Normal(torch.zeros(2),1.).log_prob(torch.zeros(3)), lambda: D.Normal('a',1), lambda: D.Categorical(torch.ones(2)).rsample(), lambda: D.Multinomial(T(3),torch.ones(2)), lambda: D.Dirichlet(T(1.)), lambda: D.Exponential(0.), lambda: D.Exponential(1.).log_prob(T(-1.)), lambda: D.Poisson(1.).log_prob(T(.5)), lambda: D.Bernoulli(.5).log_prob(T(2.)), lambda: D.Uniform(0.,1.).log_prob(T(2.)), lambda: D.Beta(1.,1.).log_prob(T(2.)), lambda: D.Independent(D.Normal(0.,1.),1), lambda: D.TransformedDistribution(D.Normal(0.,1.),3), lambda: D.Normal(0.,float('nan')), lambda: D.Dirichlet(torch.ones(2)).log_prob(T([.5,.6])), lambda: D.MixtureSameFamily(3,4), lambda: D.Normal(0.,-1.,validate_args=False), lambda: D.Uniform(0.,1.,validate_args=False).log_prob(T(2.)), lambda: D.Distribution.set_default_validate_args(3), lambda: D.Binomial(5,T([.5])).log_prob(T(6.)), lambda: D.Normal(torch.zeros(2),1).sample_n(2).shape, lambda: D.Normal(0.,1.).cdf(T(float('nan')))):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
# %% transforms and constraints
import torch.distributions as D
from torch.distributions import constraints as C, transforms as X, biject_to, transform_to
x=torch.tensor([-.5,.3,1.2])
for t in (X.ExpTransform(),X.AffineTransform(1.,2.),X.SigmoidTransform(),X.TanhTransform(),X.SoftplusTransform(),X.StickBreakingTransform(),X.SoftmaxTransform(),X.AbsTransform(),X.ComposeTransform([X.ExpTransform(),X.AffineTransform(0.,3.)]),X.identity_transform,X.IndependentTransform(X.ExpTransform(),1),X.ReshapeTransform((3,),(3,1)),X.CumulativeDistributionTransform(D.Normal(0.,1.)),X.StackTransform([X.ExpTransform(),X.SigmoidTransform(),X.TanhTransform()]),X.CatTransform([X.ExpTransform(),X.SigmoidTransform()],lengths=[1,2])):
    y=t(x); print(t if not isinstance(t,(X.StackTransform,X.CatTransform)) else '', y); 
    try: print(t.inv(y), t.domain, t.codomain, t.bijective)
    except Exception as e: print(type(e).__name__)
    try: print(t.log_abs_det_jacobian(x,y))
    except Exception as e: print(type(e).__name__)
p=X.PowerTransform(torch.tensor(2.)); print(p(x.abs()), p.inv(p(x.abs())), p.log_abs_det_jacobian(x.abs(),p(x.abs())))
for c in (C.real,C.positive,C.unit_interval,C.interval(-1.,2.),C.simplex,C.greater_than(1.),C.less_than(2.),C.lower_cholesky if False else C.positive,C.independent(C.positive,1),C.nonnegative,C.greater_than_eq(2.)):
    for r in (biject_to,transform_to):
        try: t=r(c); print(c, t, t(x), c.check(t(x)))
        except Exception as e: print(c, type(e).__name__, e)
for c in (C.boolean,C.nonnegative_integer,C.positive_integer,C.integer_interval(0,3),C.real,C.simplex,C.one_hot,C.half_open_interval(0,1)): print(c, c.check(torch.tensor([0.,1.,.5])), c.is_discrete, c.event_dim)
print(X.ExpTransform()==X.ExpTransform(), X.AffineTransform(0,1)==X.AffineTransform(0,1), X.ExpTransform().inv==X.ExpTransform().inv, X.ExpTransform().sign, X.AffineTransform(0,-1.).sign)
t=X.ExpTransform(cache_size=1); y=t(x); print(t.inv(y) is x)
try: biject_to(C.boolean)
except Exception as e: print(type(e).__name__, e)
# %% modules of the families, divergences of one's own
from torch.distributions.normal import Normal
from torch.distributions.multivariate_normal import MultivariateNormal
from torch.distributions.kl import kl_divergence, register_kl
import torch.distributions.constraints as c
print(Normal, MultivariateNormal.__module__)
class My(torch.distributions.Distribution):
    arg_constraints={}
    def __init__(self): super().__init__()
    def sample(self, s=torch.Size()): return torch.zeros(s)
@register_kl(My, Normal)
def _(p,q): return 5
print(kl_divergence(My(), Normal(0.,1.)), My().sample((2,)))
try: kl_divergence(Normal(0.,1.), My())
except NotImplementedError as e: print('NI')
# %% moments and modes, with the nodes that make them
D = torch.distributions
p = lambda *v: torch.tensor(v, requires_grad=True)
print(D.Kumaraswamy(p(2.), p(3.)).mean, D.Kumaraswamy(p(2.), p(3.)).variance)
print(D.Dirichlet(p(1., 2., 3.)).mode, D.Dirichlet(torch.tensor([[.5, .2], [2., 3.]])).mode, D.Beta(p(.5, 2.), p(1., 3.)).mode, D.Beta(torch.tensor(.5), torch.tensor(.7)).mode)
