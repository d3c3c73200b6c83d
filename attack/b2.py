from lib_api import *
def api():
    c=sqlite3.connect(ROOT+'/api.db'); c.row_factory=sqlite3.Row
    return c.execute("select t.source_id sid,v.* from task t join task_version v on v.task_id=t.id and v.until is null and v.present=1 order by t.id").fetchall()
f=lambda s:'/'.join(reversed(s.split('-'))) if s else ''
def fresh(n):
    d=abox(n); shutil.copy(ROOT+'/api.db',d+'/connector.db'); return d
def stat(d): return dict(q(d,"select v.status,count(*) from task t join task_version v on v.task_id=t.id and v.until is null group by 1")), q(d,'select count(*) from task'), q(d,"select kind,state,count(*) from quarantine group by 1,2")
if __name__=='__main__':
    T=api()
    print('--- i minimal')
    d=fresh('b2i'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Hạn hoàn thành','Trạng thái']]+[[i,t['name'],t['assigner'],t['lead'],f(t['due_on']),t['status_label']] for i,t in enumerate(T,1)])
    p=run(d,'import','x.csv',show=0); print(p.stdout[:700]); print(stat(d))
    print('--- ii blank status+blank completed, with ngày giao')
    d=fresh('b2ii'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái','Ngày hoàn thành']]+[[i,t['name'],t['lead'],f(t['assigned_on']),f(t['due_on']),'',''] for i,t in enumerate(T,1)])
    p=run(d,'import','x.csv',show=0); print(p.stdout[:700]); print(stat(d))
    run(d,'detect')
    print('--- iii no status column, completed blank')
    d=fresh('b2iii'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Ngày hoàn thành']]+[[i,t['name'],t['lead'],f(t['assigned_on']),f(t['due_on']),''] for i,t in enumerate(T,1)])
    p=run(d,'import','x.csv',show=0); print(p.stdout[:700]); print(stat(d))
    print('--- iv ngày giao one day later than API')
    import datetime
    d=fresh('b2iv'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']]+[[i,t['name'],t['lead'],(datetime.date.fromisoformat(t['assigned_on'])+datetime.timedelta(1)).strftime('%d/%m/%Y'),f(t['due_on']),t['status_label']] for i,t in enumerate(T,1) if t['assigned_on']])
    p=run(d,'import','x.csv',show=0); print(p.stdout[:700]); print(stat(d))
