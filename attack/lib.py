import os,sys,shutil,subprocess,sqlite3,json,time,datetime as dt
ROOT='/work/wt/q'; C=ROOT+'/clone/.venv/bin/connector'
def box(name, extra='', inbox=False, base_url='http://127.0.0.1:9/qlvb/'):
    d=f'{ROOT}/t/{name}'; shutil.rmtree(d,ignore_errors=True); os.makedirs(d)
    open(d+'/pw','w').write('x'); os.chmod(d+'/pw',0o600)
    cfg=''
    if 'sources' not in extra and extra!='NOSRC':
        cfg+=f'[sources.vnpt]\nbase_url="{base_url}"\n[[sources.vnpt.accounts]]\nusername="a"\npassword_file="{d}/pw"\n'
    cfg+='[imports]\n'+('inbox="inbox"\nsettle_seconds=1\npoll_seconds=1\n' if inbox else '')
    if inbox: os.makedirs(d+'/inbox')
    cfg+=(extra if extra!='NOSRC' else '')
    open(d+'/config.toml','w').write(cfg)
    return d
def run(d,*a,timeout=200,show=True,inp=None):
    t=time.time()
    p=subprocess.run([C,*a],cwd=d,capture_output=True,text=True,timeout=timeout,input=inp,errors='replace')
    if show:
        print('$',' '.join(a),'->',p.returncode,f'{time.time()-t:.1f}s'); print(p.stdout); 
        if p.stderr: print('ERR:', p.stderr[-1800:])
    if 'Traceback' in p.stdout+p.stderr: print('!!!!TRACEBACK')
    return p
def q(d,sql):
    c=sqlite3.connect(d+'/connector.db'); r=c.execute(sql).fetchall(); c.close(); return r
def csv(path,rows,enc='utf-8-sig',sep=';'):
    import io,csv as c
    s=io.StringIO(); w=c.writer(s,delimiter=sep); w.writerows(rows)
    open(path,'wb').write(s.getvalue().encode(enc))
def xlsx(path,rows,**kw):
    import openpyxl
    wb=openpyxl.Workbook(); ws=wb.active
    for r in rows: ws.append(r)
    wb.save(path); return path
def mt(path,iso):
    t=dt.datetime.fromisoformat(iso+'+07:00').timestamp(); os.utime(path,(t,t))
def tasks(d):
    cols=[c[1] for c in q(d,"pragma table_info(tasks)")] or None
    return q(d,"select * from tasks"),cols
