from b2 import *
T=api(); d=fresh('f2')
H=['STT','ID','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
by={t['sid']:t for t in T}
rows=[[1,T[0]['sid'],'Mua sắm trang thiết bị phòng họp','Trưởng phòng X','Sở Y tế','01/11/2026','20/11/2026','Đang thực hiện']]
print(T[0]['sid'],T[0]['name'],T[0]['lead'],T[0]['status'],T[0]['due_on'])
csv(d+'/x.csv',[H]+rows); run(d,'import','x.csv')
print([tuple(r) for r in q(d,f"select t.source_id,v.name,v.lead,v.status,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null where source_id='{T[0]['sid']}'")])
# id of existing task A, but name/lead/day of task B
a=T[0]; b=T[4]
d=fresh('f2b'); csv(d+'/x.csv',[H,[1,a['sid'],b['name'],b['assigner'],b['lead'],f(b['assigned_on']),f(b['due_on']),b['status_label']]]); run(d,'import','x.csv',show=0)
print([tuple(r) for r in q(d,f"select t.source_id,v.name,v.lead,v.status,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null where source_id in('{a['sid']}','{b['sid']}')")])
