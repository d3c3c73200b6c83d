from b2 import *
import datetime
# exports first (no ids), API afterwards; dates with id column; as older etc.
T=api()
S="select count(*) from task"
def go(n,H,rowf,order='export_first',mtime='2022-02-20 08:00'):
    print('---',n)
    d=abox(n) if order=='export_first' else fresh(n)
    csv(d+'/x.csv',[H]+[rowf(i,t) for i,t in enumerate(T,1)]); mt(d+'/x.csv',mtime)
    p=run(d,'import','x.csv',show=0); print(p.returncode,p.stdout[:330],p.stderr[-300:] if p.returncode else ''); print(stat(d))
    p=run(d,'sync',show=0); print(p.returncode,p.stdout[:400],p.stderr[-300:] if p.returncode else ''); print(stat(d)); 
    return d
go('f_min',['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái'],lambda i,t:[i,t['name'],t['assigner'],t['lead'],f(t['due_on']),'Chưa hoàn thành'])
go('f_day',['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái'],lambda i,t:[i,t['name'],t['assigner'],t['lead'],f(t['assigned_on']),f(t['due_on']),'Chưa hoàn thành'])
go('f_id',['STT','Mã nhiệm vụ','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái'],lambda i,t:[i,t['sid'],t['name'],t['assigner'],t['lead'],f(t['due_on']),'Chưa hoàn thành'])
# id column holding a number of another kind (register number 1..n) 
go('f_badid',['STT','ID','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái'],lambda i,t:[i,90000+i,t['name'],t['assigner'],t['lead'],f(t['assigned_on']),f(t['due_on']),'Chưa hoàn thành'],order='api')
