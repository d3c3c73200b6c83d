from lib import *
def abox(name,**k):
    d=box(name,extra='[sources.vnpt]\nbase_url="http://127.0.0.1:18097/qlvb/"\n[[sources.vnpt.accounts]]\nusername="ketnoi.vp"\npassword_file="pw"\n[imports]\n')
    c=open(d+'/config.toml').read(); 
    # order: [imports] twice -> keep one
    c=c.replace('[imports]\n','',1); open(d+'/config.toml','w').write(c)
    open(d+'/pw','w').write('Thu-nghiem-1'); return d
